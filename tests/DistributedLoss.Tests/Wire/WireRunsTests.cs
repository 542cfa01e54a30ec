using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Tests.Wire;

public sealed class WireRunsTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Cases => WireCase.Names;

    public static TheoryData<string> Families => [.. OptionFamily.All.Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_property_of_a_plan_and_its_options_comes_back()
    {
        var plain = Properties(new RunPlan { Files = [], Shards = [], Classes = null, Options = new() });
        var changed = new HashSet<string>();
        for (int seed = 0; seed < 300; seed++)
        {
            var plan = new RandomRun(new Random(seed)).Next();
            var read = WireRuns.Read(WireRuns.Write($"run-{seed}", plan));
            Assert.Equal(($"run-{seed}", ProgramVersion.Current), (read.RunId, read.Version));
            var (told, heard) = (Properties(plan), Properties(read.Plan));
            Assert.Equal(told, heard);
            Assert.Equal(WireSample.Json(plan.Shape), WireSample.Json(read.Plan.Shape));
            Assert.Equal(ManifestOptions.Of(plan.Options), ManifestOptions.Of(read.Plan.Options));
            changed.UnionWith(told.Where(p => p.Value != plain[p.Key]).Select(p => p.Key));
        }

        Assert.Equal(plain.Keys.Order(), changed.Order());
        Assert.Contains("Options.Loss.LabelSmoothing", changed);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_worker_that_was_told_of_the_run_computes_its_bits(string name) => SameBits(WireCase.Plan(_folder, name));

    [Theory]
    [MemberData(nameof(Families))]
    public void So_it_does_for_every_family_of_options(string name)
    {
        var family = OptionFamily.Of(name);
        family.Dump().Write(_folder["dump.parquet"]);
        SameBits(RunPlan.Create([_folder.Path], family.Options));
    }

    [Fact]
    public void A_name_that_is_no_text_is_refused_before_it_is_told()
    {
        var plan = WireSample.Plan;
        foreach (var options in (EvaluationOptions[])
            [plan.Options with { LabelColumn = "\ud800" }, plan.Options with { ClassNames = ["a", "\udc00"] }, plan.Options with { SliceBy = [["\ud800"]] }, plan.Options with { GroupByColumn = "\ud800x" }])
        {
            Assert.Contains("is no text", Assert.Throws<WireException>(() => WireRuns.Write("run", plan with { Options = options })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_of_a_run_is_refused()
    {
        byte[] bytes = WireSample.Of("run").Bytes;
        foreach (var (change, what) in ((Action<RunMessage>, string)[])
            [
                (m => m.Options = null, "no options"),
                (m => m.Options.Loss = null, "no loss"),
                (m => m.Options.Loss.ClearTemperature(), "missing"),
                (m => m.Options.Loss.Input = 5, "input: 5"),
                (m => m.Options.Packed = 4, "packed: 4"),
                (m => m.Options.OnInvalid = 2, "on invalid: 2"),
                (m => m.Options.Statistics = 128, "statistics: 128"),
                (m => m.Options.Hardest = -1, "hardest: -1"),
                (m => m.Options.MaxSlices = -1, "slices: -1"),
                (m => m.Target = 4, "target: 4"),
                (m => m.Classes = 0, "classes: 0"),
                (m => m.TileRows = 0, "tile rows: 0"),
                (m => m.TileRows = int.MaxValue, "tile rows: 2147483647"),
                (m => m.Program = "", "program"),
                (m => m.Run = "", "run"),
                (m => m.Files[0].Path = "", "file 0: its path"),
                (m => m.Files[0].Path = "data/a.parquet", "file 0: its path"),
                (m => m.Files[0].Path = "/data/../a.parquet", "file 0: its path"),
                (m => m.Files[0].Path = "/data/\0", "file 0: its path"),
                (m => m.Files[0].FooterDigest = ByteString.Empty, "file 0: its footer digest has 0"),
                (m => m.Files[0].ModifiedTicks = long.MaxValue, "no time"),
                (m => m.Files[0].ModifiedTicks = -1, "no time"),
                (m => m.Files[0].Rows = -1, "rows: -1"),
            ])
        {
            var message = RunMessage.Parser.ParseFrom(bytes);
            change(message);
            Assert.Contains(what, Assert.Throws<WireException>(() => WireRuns.Read(message.ToByteArray())).Message, StringComparison.Ordinal);
        }
    }

    private static void SameBits(RunPlan plan)
    {
        var told = WireRuns.Read(WireRuns.Write("run", plan)).Plan;
        using ShardEvaluator here = new(plan), there = new(told);
        foreach (var shard in plan.Shards)
        {
            var assignment = WireShards.ReadAssignment(WireShards.Write(new ShardAssignment(shard, 1, 1)));
            assignment.Check(told);
            string expected = here.Evaluate(shard, plan.NewTotals(), new Patient())!.Digest;
            Assert.Equal(expected, there.Evaluate(assignment.Shard, told.NewTotals(), new Patient())!.Digest);
        }
    }

    private static SortedDictionary<string, string> Properties(RunPlan plan)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("", plan, RandomRun.Untold.Append(nameof(RunPlan.Options)));
        Add("Options.", plan.Options, [nameof(EvaluationOptions.Loss)]);
        Add("Options.Loss.", plan.Options.Loss, []);
        return found;

        void Add(string prefix, object value, IEnumerable<string> except)
        {
            foreach (var property in RandomRun.Settable(value.GetType(), [.. except]))
            {
                found[prefix + property.Name] = WireSample.Json(property.GetValue(value)!);
            }
        }
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
