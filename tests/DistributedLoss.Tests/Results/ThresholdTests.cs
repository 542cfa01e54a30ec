using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Results;

public sealed class ThresholdTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("loss.denominator", 4, true, null)]
    [InlineData("loss.denominator", 4, false, null)]
    [InlineData("loss.denominator", 3.5, true, "loss.denominator 4 is above 3.5")]
    [InlineData("loss.denominator", 4.5, false, "loss.denominator 4 is below 4.5")]
    [InlineData("rows.total", 5, true, "rows.total 6 is above 5")]
    [InlineData("rows.invalid.nan", 0, true, "rows.invalid.nan 1 is above 0")]
    [InlineData("rows.invalid.allMasked", 0, true, null)]
    [InlineData("accuracy.top1", 0.5, false, null)]
    [InlineData("accuracy.top1", 0.51, false, "accuracy.top1 0.5 is below 0.51")]
    [InlineData("loss.max", 1e300, true, "loss.max Infinity is above 1E+300")]
    [InlineData("loss.standardError", 1e300, true, "loss.standardError NaN is not comparable to 1E+300")]
    [InlineData("loss.standardError", -1e300, false, "loss.standardError NaN is not comparable to -1E+300")]
    public void A_figure_misses_what_it_passes_and_keeps_what_it_equals(string metric, double limit, bool isCeiling, string? miss)
    {
        // Two right, two wrong, of these one without any probability; a NaN and an ignored row.
        var result = Evaluate(
            new([0, 1, 2], 2), new([0, 1, 2], 2), new([0, 1, 2], 0), new([double.NegativeInfinity, 1, 2], 0), new([0, double.NaN, 0], 1), new([0, 0, 0], -100));
        Assert.Equal(miss, new Threshold(metric, limit, isCeiling).Miss(new ResultMetrics(result))?.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_figure_without_a_value_keeps_no_limit(bool isCeiling)
    {
        var miss = new Threshold("loss.mean", 0, isCeiling).Miss(new ResultMetrics(Evaluate(new DumpRow([0, 1, 2], -100))));
        Assert.StartsWith("loss.mean has no value", miss?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_number_of_a_result_is_expected_before_the_run_and_nothing_else()
    {
        var metrics = new ResultMetrics(Evaluate(new([0, 1, 2], 2), new([0, double.NaN, 0], 1)));
        var expected = ResultMetrics.Expected(Options, classes: 3);
        foreach (string name in (string[])["loss.mean", "loss.sum", "loss.infinite", "quantiles.p99", "quantiles.p99.9", "calibration.ece", "rows.ignored", "rows.invalid.nan", "accuracy.top1", "classes", "shards.total", "timing.evaluateSeconds"])
        {
            Assert.True(metrics.TryGet(name, out double? value) && value is not null, name);
            Assert.True(expected.TryGet(name, out _), name);
        }

        foreach (string name in (string[])["", ".", "loss", "loss.ci95", "loss.mean.x", "los.mean", "Loss.mean", "rows.invalid", "rows.invalid.sadness", "accuracy.top5", "digest", "remark", "confusion", "groups", "calibration", "histogram", "quantiles.p98", "quantiles.p99.9.9", "perClass", "options.hardest", "options.packed", "files", "environment.engine"])
        {
            Assert.False(metrics.TryGet(name, out _), name);
            Assert.False(expected.TryGet(name, out _), name);
        }
    }

    [Fact]
    public void Figures_of_elements_are_expected_with_binary_input_alone()
    {
        var binary = Options with { Loss = new LossFunction { Input = LossInput.BinaryLogits } };
        Assert.True(ResultMetrics.Expected(binary).TryGet("binary.macro.f1", out _));
        Assert.True(ResultMetrics.Expected(binary, 1).TryGet("accuracy.elements", out _));
        Assert.False(ResultMetrics.Expected(binary).TryGet("accuracy.top1", out _));
        Assert.False(ResultMetrics.Expected(Options).TryGet("binary.macro.f1", out _));
    }

    [Fact]
    public void Before_the_data_are_seen_any_number_of_classes_is_expected()
    {
        Assert.True(ResultMetrics.Expected(Options).TryGet("accuracy.top5", out _));
        Assert.True(ResultMetrics.Expected(Options, 200_000).TryGet("accuracy.top5", out _));
        Assert.False(ResultMetrics.Expected(Options).TryGet("accuracy.top7", out _));
        Assert.True(ResultMetrics.Expected(Options with { TopK = [7] }).TryGet("accuracy.top7", out _));
    }

    private static EvaluationOptions Options { get; } = new() { OnInvalid = InvalidRowPolicy.Skip };

    private EvaluationResult Evaluate(params DumpRow[] rows)
    {
        var plan = RunPlan.Create([_folder.Write("dump.parquet", DumpFolder.Nullable, new WriterOptions(), rows)], Options);
        return ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(1, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "test", 1);
    }
}
