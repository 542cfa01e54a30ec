using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Tests.Wire;

/// <summary>One message of each kind that goes between processes, always the same bytes.</summary>
/// <param name="Again">Reads bytes and writes what was read.</param>
internal sealed record WireSample(string Name, byte[] Bytes, Func<byte[], byte[]> Again)
{
    public static readonly TotalsShape Shape = new() { Classes = 3, Statistics = StatisticKinds.Default };

    /// <summary>With a value in every field.</summary>
    public static readonly RunPlan Plan = new()
    {
        Files = [new InputFile(0, "/data/ä.parquet", 1L << 40, new DateTimeOffset(638_000_000_000_000_001, TimeSpan.Zero), new string('a', 64), 1L << 33, 17)],
        Shards = [],
        Classes = 3,
        ClassesSource = "/data/ä.parquet",
        Target = TargetKind.Name,
        IsSequence = true,
        TileRows = 4096,
        Options = new EvaluationOptions
        {
            LogitsColumn = "z",
            LogitsPrefix = "z_",
            Packed = FloatFormat.BFloat16,
            LabelColumn = "y",
            ClassNames = ["a", "", "😀"],
            IgnoreIndex = long.MinValue,
            Loss = new LossFunction { Input = LossInput.BinaryProbs, Temperature = 0.5, LabelSmoothing = -0.0, SumTolerance = 1e-300 },
            ClassWeights = [0, 1, 2.5],
            PositiveWeights = [],
            SampleWeightColumn = "w",
            NumClasses = 3,
            TopK = [1, 2],
            OnInvalid = InvalidRowPolicy.Skip,
            Hardest = 7,
            Statistics = StatisticKinds.All,
            SliceBy = [["a", "b"], ["c"]],
            MaxSlices = 9,
            GroupByColumn = "g",
            BytesColumn = "b",
        },
    };

    private static readonly Shard Shard = new(7, "0123456789abcdef", 3, 5, new RowRangeStart(1, 2, 3, 4), 1L << 40, 1L << 33, 12);
    private static readonly ShardAssignment Assignment = new(Shard, 2, 9);
    private static readonly IdentifiedFailure Failure = new(7, "id", 3, new ShardFailure("dump.parquet: row group 5: ünreadable; write it again", Deterministic: true));

    public static WireSample[] All { get; } =
    [
        new("assignment", WireShards.Write(Assignment), b => WireShards.Write(WireShards.ReadAssignment(b))),
        new("failure", WireShards.Write(Failure), b => WireShards.Write(WireShards.ReadFailure(b))),
        new("result", WireShards.Write(Result()), b => WireShards.Write(WireShards.ReadResult(b, Shape))),
        new("run", WireRuns.Write(new RunDescription("run-1", "0.1.0", Plan)), b => WireRuns.Write(WireRuns.Read(b))),
        new("announcement", WireAnnouncements.Write(new RunAnnouncement("run-1", "0.1.0", "host-17", 1000, 3, 1L << 40)), b => WireAnnouncements.Write(WireAnnouncements.Read(b))),
        Report("joined", new WorkerReport.Joined("", "host-1-ab/1", "0.1.0")),
        Report("joined again", new WorkerReport.Joined("run-1", "host-1-ab/1", "0.1.0")),
        Report("requested", new WorkerReport.Requested("run-1", "host-1-ab/1", 1L << 40)),
        Report("taken", new WorkerReport.Taken("run-1", "host-1-ab/1", 7, "0123456789abcdef", 2)),
        Report("progressed", new WorkerReport.Progressed("run-1", "host-1-ab/1", 7, 1L << 40)),
        Report("finished", new WorkerReport.Finished("run-1", "host-1-ab/1", Result())),
        Report("failed", new WorkerReport.Failed("run-1", "host-1-ab/1", Failure)),
        Report("returned", new WorkerReport.Returned("run-1", "host-1-ab/1", 7, "0123456789abcdef", 2)),
        Report("left", new WorkerReport.Left("run-1", "host-1-ab/1", "SIGTERM")),
        Command("run command", new WorkerCommand.Run("run-1", "host-1-ab", "0.1.0", new byte[] { 1, 2, 3 })),
        Command("assign", new WorkerCommand.Assign("run-1", "host-1-ab/1", Assignment)),
        Command("abandon", new WorkerCommand.Abandon("run-1", "host-1-ab/1", 7)),
        Command("release", new WorkerCommand.Release("run-1", "host-1-ab/1", "the run is done")),
        new("frame", WireChunks.Cut(new byte[200], 5, 128).Last(), b => new ChunkAssembler(1000).Add("a", b) is null ? b : []),
    ];

    public static TheoryData<string> Names => [.. All.Select(s => s.Name)];

    public static WireSample Of(string name) => All.Single(s => s.Name == name);

    /// <summary>All public properties, as deep as they go, to compare records with lists.</summary>
    public static string Json(object value) => JsonSerializer.Serialize(value);

    private static WireSample Report(string name, WorkerReport report) =>
        new(name, WireReports.Write(report), b => WireReports.Write(WireReports.Read(b, Shape)));

    private static WireSample Command(string name, WorkerCommand command) =>
        new(name, WireCommands.Write(command), b => WireCommands.Write(WireCommands.Read(b)));

    private static IdentifiedResult Result()
    {
        var totals = new Totals(Shape);
        totals.Rows.Ignored = 4;
        return new("id", new ShardResult(7, totals.ExecutionDigest(), totals, TimeSpan.FromTicks(123), 456));
    }
}
