using DistributedLoss.Calibration;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Calibration;

/// <summary>Temperatures of least loss against SciPy's and those of 50 digits, what is said where there is none, and the bits that nothing may change.</summary>
public sealed class CalibratorTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(CalibrationCase.Numbers), MemberType = typeof(CalibrationCase))]
    public void The_temperature_is_that_of_a_float64_optimiser(int number)
    {
        var example = CalibrationCase.All[number];
        example.Write(_folder, cut: example.Rows / 3);
        var result = Calibrate(Plan(example.Options));
        double temperature = result.Temperature!.Value;
        AssertClose(example.Scipy, temperature, 1e-10);
        AssertClose(example.Temperature, temperature, 1e-12);
        AssertClose(example.ScipyLoss, result.After!.Loss.Mean!.Value, 1e-10);
        AssertClose(example.Loss, result.After.Loss.Mean!.Value, 1e-12);
        AssertClose(example.LossAtOne, result.Before.Loss.Mean!.Value, 1e-12);
        Assert.True(result.After.Loss.Mean <= result.Before.Loss.Mean);
        Assert.Null(result.Remark);
        Assert.InRange(result.Passes, 1, temperature is > 0.01 and < 100 ? 8 : 10);
        AssertCertified(result, example);
    }

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public void Kernel_shards_and_their_order_change_no_bit(string kernel)
    {
        foreach (var example in CalibrationCase.All.Where((_, i) => i % 4 == 0))
        {
            example.Write(_folder, cut: example.Rows / 3);
            var plan = Plan(example.Options);
            string expected = Json(Calibrate(plan with { Kernel = RowKernel.Parse("scalar") }));
            var other = RunPlan.Create([_folder.Path], example.Options, new PlanOptions { ShardBytes = 100 });
            Assert.True(other.Shards.Count > plan.Shards.Count);
            Assert.Equal(expected, Json(Calibrate(other with { Kernel = RowKernel.Parse(kernel), TileRows = 5, Shards = [.. other.Shards.Reverse()] })));
        }
    }

    [Fact]
    public void The_losses_are_those_of_evaluations_at_the_temperatures()
    {
        var example = CalibrationCase.All[0];
        example.Write(_folder, cut: 20);
        var result = Calibrate(Plan(example.Options));
        foreach (var (evaluation, temperature) in new[] { (result.Before, 1), (result.After!, result.Temperature!.Value) })
        {
            var options = example.Options with { Loss = example.Options.Loss with { Temperature = temperature } };
            var expected = Evaluate(Plan(options));
            Assert.Equal((expected.Digest, expected.Loss.Mean, expected.Figures.Calibration!.Ece), (evaluation.Digest, evaluation.Loss.Mean, evaluation.Figures.Calibration!.Ece));
        }

        foreach (var point in result.Points)
        {
            double mean = Evaluate(Plan(example.Options with { Loss = new LossFunction { Temperature = point.Temperature } })).Loss.Mean!.Value;
            AssertClose(mean, result.MeanLoss(point)!.Value, 1e-15);
        }
    }

    [Fact]
    public void Rows_that_are_all_right_have_no_temperature_but_a_limit()
    {
        var result = Calibrate(Plan(new(), Row([3, 1, 0], 0), Row([0, 2, 2.5], 2)));
        Assert.Equal((null, 0.0, 0.0), (result.Temperature, result.Limit!.Temperature, result.Limit.MeanLoss));
        Assert.Contains("as the temperature goes to 0", result.Remark, StringComparison.Ordinal);
        Assert.Null(result.After);

        // Two classes share the largest logit: half of each is all that a label can have.
        var tied = Calibrate(Plan(new(), Row([3, 3, 0], 0), Row([0, 2.5, 2.5], 2)));
        Assert.Equal((null, Math.Log(2)), (tied.Temperature, tied.Limit!.MeanLoss));
    }

    [Fact]
    public void Logits_that_mislead_have_no_temperature_but_a_limit()
    {
        var result = Calibrate(Plan(new(), Row([3, 1, 0], 2), Row([0, 2, 2.5], 0)));
        Assert.Equal((null, double.PositiveInfinity), (result.Temperature, result.Limit!.Temperature));
        Assert.Equal(Math.Log(3), result.Limit.MeanLoss!.Value, 1e-15);
        Assert.Contains("as the temperature rises", result.Remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2, 2)]
    [InlineData(double.NegativeInfinity, 1, double.NegativeInfinity)]
    [InlineData(-1e6, 1, -1e6)]
    public void Where_no_temperature_changes_anything_1_is_kept(double a, double b, double c)
    {
        var result = Calibrate(Plan(new(), Row([a, b, c], 1)));
        Assert.Equal(1, result.Temperature);
        Assert.Same(result.Before, result.After);
        Assert.Contains("the temperature 1 is kept", result.Remark, StringComparison.Ordinal);
        Assert.Equal(1, result.Passes);
    }

    [Fact]
    public void A_minimum_at_1_is_1()
    {
        // p = 1/4 for the label of one row in four: log 3 is its own best logit.
        double gap = Math.Log(3);
        var result = Calibrate(Plan(new(), Row([gap, 0], 0), Row([gap, 0], 0), Row([gap, 0], 0), Row([gap, 0], 1)));
        Assert.Equal(1, result.Temperature!.Value, 1e-15);
        Assert.True(result.After!.Loss.Mean <= result.Before.Loss.Mean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_temperature_is_never_worse_than_1_by_the_losses_that_are_reported(bool few)
    {
        // Around a minimum next to 1 all that is left of the losses' difference is their rounding.
        double gap = Math.Log(3);
        for (int i = 0; i < 40; i++)
        {
            double near = gap * (1 + (i * 1e-11));
            (double[], long)[] rows = [Row([near, 0.1], 0), Row([near, 0.1], 0), Row([near + 0.1, 0], 0), Row([near, 0], 1), Row([0, near], 1)];
            var result = Calibrate(Plan(new(), few ? rows[1..] : rows));
            Assert.True(result.After!.Loss.Mean <= result.Before.Loss.Mean, $"{i}: {result.Temperature:R}: {result.After.Loss.Mean:R} after {result.Before.Loss.Mean:R}");
        }
    }

    [Fact]
    public void Without_a_row_and_with_infinite_losses_there_is_no_temperature()
    {
        var none = Calibrate(Plan(new() { IgnoreIndex = 1 }, Row([1, 2, 3], 1)));
        Assert.Equal((null, 1), (none.Temperature, none.Passes));
        Assert.Contains("no rows to evaluate", none.Remark, StringComparison.Ordinal);
        var infinite = Calibrate(Plan(new(), Row([1, double.NegativeInfinity, 3], 1), Row([1, 2, 3], 1)));
        Assert.Equal((null, 1), (infinite.Temperature, infinite.Passes));
        Assert.Contains("1 rows have an infinite loss", infinite.Remark, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_that_overflow_are_said_to()
    {
        var result = Calibrate(Plan(new(), Row([1.7e308, 1, 0], 0), Row([1, 2, 3], 1)));
        Assert.Null(result.Temperature);
        Assert.Contains("overflow", result.Remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LossInput.Probs, 1, "probabilities are taken as they are")]
    [InlineData(LossInput.LogProbs, 1, "probabilities are taken as they are")]
    [InlineData(LossInput.BinaryProbs, 1, "probabilities are taken as they are")]
    [InlineData(LossInput.Logits, 2, "leave it out")]
    public void Probabilities_and_a_temperature_are_refused(LossInput input, double temperature, string reason)
    {
        var options = new EvaluationOptions { Loss = new LossFunction { Input = input, Temperature = temperature } };
        Assert.Contains(reason, Assert.Throws<BadOptionException>(() => Calibrator.Check(options)).Message, StringComparison.Ordinal);
    }

    private static (double[] Logits, long Label) Row(double[] logits, long label) => (logits, label);

    private static CalibrationResult Calibrate(RunPlan plan) => Calibrator.Run(plan, pass => Evaluate(pass.Plan));

    private static EvaluationResult Evaluate(RunPlan plan) => OptionFamily.Build(plan, DumpFolder.Evaluate(plan));

    private static string Json(CalibrationResult result)
    {
        using var stream = new MemoryStream();
        CalibrationJson.Write(stream, result);
        string json = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        return json[..json.IndexOf("\n  \"environment\": {", StringComparison.Ordinal)];
    }

    private static void AssertClose(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{actual:R}, not {expected:R}");

    private static void AssertCertified(CalibrationResult result, CalibrationCase example)
    {
        var (low, high, provenLow, provenHigh) = result.Certificate!;
        Assert.True((low.Slope > 0 && high.Slope < 0 && high.Temperature == Math.BitIncrement(low.Temperature)) || (low.Slope == 0 && low == high), $"{low} {high}");
        Assert.True(result.Temperature == low.Temperature || result.Temperature == high.Temperature);

        // The least loss of real arithmetic is where the certificate says.
        Assert.True(provenLow!.Slope > provenLow.SlopeError && -provenHigh!.Slope > provenHigh.SlopeError, $"{provenLow} {provenHigh}");
        Assert.InRange(example.Temperature, provenLow.Temperature, provenHigh.Temperature);
        Assert.InRange(provenHigh.Temperature - provenLow.Temperature, 0, 1e-9 * example.Temperature);
    }

    private RunPlan Plan(EvaluationOptions options) => RunPlan.Create([_folder.Path], options);

    private RunPlan Plan(EvaluationOptions options, params (double[] Logits, long Label)[] rows)
    {
        double[][] logits = [.. rows.Select(r => r.Logits)];
        long[] labels = [.. rows.Select(r => r.Label)];
        new NestedTable(("logits", logits), ("label", labels)).Write(_folder["rows.parquet"]);
        return RunPlan.Create([_folder["rows.parquet"]], options);
    }
}
