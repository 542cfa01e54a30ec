using DistributedLoss.Comparison;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Comparison;

/// <summary>Workers, shards, kernels and the cut into files and pages change no bit of a comparison, whatever its rows are.</summary>
public sealed class ComparisonIdentityTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Families() => ["index", "sequence", "binary", "soft", "names", "weights", "smoothing"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_way_to_compare_gives_the_same_bits(string family)
    {
        var options = Options(family) with { OnInvalid = InvalidRowPolicy.Skip };
        var dump = new MixedDump(options, family == "sequence");
        Unmask(dump);
        dump.Write(_folder["one.parquet"]);
        Directory.CreateDirectory(_folder["many"]);
        var first = dump.Rows.Take(61).ToHashSet(ReferenceEqualityComparer.Instance);
        dump.Write(_folder["many/1.parquet"], first.Contains, groupRows: 17, pageRows: 3);
        dump.Write(_folder["many/2.parquet"], r => !first.Contains(r), groupRows: 200, pageRows: 200);

        string? expected = null;
        foreach (var kernel in RowKernel.All)
        {
            foreach (var (pathA, pathB, workers, shardBytes) in new[]
            {
                ("one.parquet", "one.parquet", 1, 1L << 30), ("one.parquet", "many", 3, 50), ("many", "one.parquet", 2, 1), ("many", "many", 2, 400),
            })
            {
                var comparison = new ComparisonOptions { SliceBy = [["kind"], ["size", "flag"]], OnInvalid = InvalidRowPolicy.Skip, Workers = workers };
                var a = Side(pathA, options, comparison.SliceBy, kernel, shardBytes);
                var b = Side(pathB, Hotter(options), [], kernel, shardBytes);
                var result = Comparer.Compare(a, b, comparison);
                Assert.True(result.Rows.Compared > 50, "there is something to compare");
                Assert.True(result.Figures.Difference is { Better: > 0, Worse: > 0, StandardError: > 0 });
                string said = Said(result);
                Assert.Equal(expected ??= said, said);
            }
        }
    }

    [Fact]
    public void A_dump_is_as_good_as_itself()
    {
        var options = new EvaluationOptions();
        var dump = new MixedDump(options, isSequence: false);
        Unmask(dump);
        dump.Write(_folder["one.parquet"]);
        var side = Side("one.parquet", options, [], RowKernel.Default, 1000);
        var result = Comparer.Compare(side, Side("one.parquet", options, [], RowKernel.Default, 77), new ComparisonOptions());
        Assert.Equal((0.0, 0.0, 0L, 0L, 1.0, 1.0, 1.0), (result.Figures.Difference.Mean, result.Divergence.Mean, result.Figures.Difference.Better, result.Figures.Difference.Worse, result.Tests.Sign, result.Tests.Permutation, result.Figures.Agreement));
        Assert.Empty(result.Worse);
        Assert.Empty(result.Better);
        var own = DumpFolder.Evaluate(side.Plan);
        Assert.Equal((own.MeanLoss, own.MeanLoss, own.Rows.Evaluated), (result.Figures.LossA, result.Figures.LossB, result.Rows.Compared));
        Assert.Equal((own.Rows.Ignored, own.Rows.Total), (result.Rows.Ignored, result.Rows.Total));
    }

    private static EvaluationOptions Options(string family) => family switch
    {
        "binary" => new EvaluationOptions { LabelColumn = "multi", Loss = new LossFunction { Input = LossInput.BinaryLogits } },
        "soft" => new EvaluationOptions { LabelColumn = "target" },
        "names" => new EvaluationOptions { LabelColumn = "name", ClassNames = [.. Enumerable.Range(0, MixedDump.Classes).Select(c => $"class {c}")] },
        "weights" => new EvaluationOptions { SampleWeightColumn = "weight", ClassWeights = [1, 2, 0, 0.5, 1, 1, 3] },
        "smoothing" => new EvaluationOptions { Loss = new LossFunction { LabelSmoothing = 0.1 } },
        _ => new EvaluationOptions(),
    };

    // The second model: the first, less certain.
    private static EvaluationOptions Hotter(EvaluationOptions options) => options with { Loss = options.Loss with { Temperature = 3 } };

    // A loss that is infinite on both sides would leave no mean to look at.
    private static void Unmask(MixedDump dump)
    {
        foreach (double?[] values in dump.Rows.SelectMany(r => r.Positions ?? []).OfType<double?[]>().Where(v => v.Any(z => z > double.NegativeInfinity)))
        {
            for (int c = 0; c < values.Length; c++)
            {
                values[c] = values[c] == double.NegativeInfinity ? -9 - c : values[c];
            }
        }
    }

    private DumpSide Side(string path, EvaluationOptions options, IReadOnlyList<IReadOnlyList<string>> sliceBy, RowKernel kernel, long shardBytes) =>
        new(DumpSide.Create([_folder[path]], options, sliceBy, new PlanOptions { ShardBytes = shardBytes }, CancellationToken.None).Plan with { Kernel = kernel });

    // All but files, places and how it ran.
    private static string Said(ComparisonResult result)
    {
        var none = new ComparedFiles("dump", [], null);
        var said = result with
        {
            A = none,
            B = none,
            Worse = [.. result.Worse.Select(Bare)],
            Better = [.. result.Better.Select(Bare)],
            Options = new ComparisonOptions(),
            Timing = new ComparisonTiming(default, 0),
            Environment = new ComparisonEnvironment("", 0, ""),
        };
        using var json = new MemoryStream();
        ComparisonJson.Write(json, said);
        return System.Text.Encoding.UTF8.GetString(json.ToArray());

        static MovedRow Bare(MovedRow row) => row with { FileA = "", FileB = "", RowA = row.Order, RowB = 0 };
    }
}
