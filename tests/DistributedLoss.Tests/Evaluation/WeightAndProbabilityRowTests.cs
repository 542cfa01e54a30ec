using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Rows that weights or the claim to hold probabilities make invalid, and which cause counts where several apply.</summary>
public sealed class WeightAndProbabilityRowTests : IDisposable
{
    private static readonly EvaluationOptions Weighted = new() { SampleWeightColumn = "weight" };
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "null")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(-0.5, "-0.5")]
    public void A_weight_that_is_none_fails_the_run_or_is_counted(double? weight, string shown)
    {
        string path = Write((new([1, 1, 1], 0), 1), (new([1, 1, 1], 2), weight));
        var e = Assert.Throws<BadInputException>(() => Evaluate(Weighted));
        Assert.StartsWith($"{path}: row group 0, row 1: the sample weight in column weight is {shown}, ", e.Message, StringComparison.Ordinal);
        var totals = Evaluate(Weighted with { OnInvalid = InvalidRowPolicy.Skip });
        Assert.Equal((1, 1, 1.0), (totals.Rows.Evaluated, totals.Rows[InvalidCause.BadWeight], totals.Weighted!.Denominator));
    }

    [Fact]
    public void A_weight_that_the_class_weight_makes_infinite_is_none()
    {
        Write((new([1, 1, 1], 0), 1e200), (new([1, 1, 1], 1), 1e200));
        var totals = Evaluate(Weighted with { ClassWeights = [1, 1e200, 1], OnInvalid = InvalidRowPolicy.Skip });
        Assert.Equal((1, 1), (totals.Rows.Evaluated, totals.Rows[InvalidCause.BadWeight]));
    }

    [Fact]
    public void An_ignored_label_comes_before_a_bad_weight_which_comes_after_a_bad_label_and_before_bad_logits()
    {
        Write(
            (new([1, 1, 1], -100), null), (new([1, 1, 1], null), -1), (new([1, 1, 1], 3), -1), (new(null, 0), -1), (new([1, double.NaN, 1], 0), -1),
            (new([1, double.NaN, 1], 0), 0));
        var rows = Evaluate(Weighted with { OnInvalid = InvalidRowPolicy.Skip }).Rows;
        Assert.Equal((0, 1, 1), (rows.Evaluated, rows.Ignored, rows[InvalidCause.NullLabel]));
        Assert.Equal((1, 2, 1), (rows[InvalidCause.LabelOutOfRange], rows[InvalidCause.BadWeight], rows[InvalidCause.NaN]));
    }

    [Fact]
    public void Rows_of_weight_zero_are_evaluated_and_change_no_weighted_figure()
    {
        Write((new([1, 2, 3], 0), 0.5), (new([3, 1, 2], 1), 2));
        var without = Evaluate(Weighted);
        Write((new([9, 0, 0], 2), 0), (new([1, 2, 3], 0), 0.5), (new([3, 1, 2], 1), 2), (new([0, 0, 0], 0), 0));
        var with = Evaluate(Weighted);
        Assert.Equal((2, 4), (without.Rows.Evaluated, with.Rows.Evaluated));
        Assert.Equal(without.Weighted!.Mean, with.Weighted!.Mean);
        Assert.Equal(without.Weighted.StandardError, with.Weighted.StandardError);
        Assert.NotNull(with.Weighted.StandardError);
    }

    [Theory]
    [InlineData(LossInput.Probs, new[] { 0.5, 0.25, 0.25 }, null)]
    [InlineData(LossInput.Probs, new[] { 0.5, 0.25, 0.2509 }, null)] // 1.0009
    [InlineData(LossInput.Probs, new[] { 0.5, 0.25, 0.2511 }, InvalidCause.Unnormalized)] // 1.0011
    [InlineData(LossInput.Probs, new[] { 1.0000001, 0, 0 }, null)] // as float32 softmax has it
    [InlineData(LossInput.Probs, new[] { 1.5, -0.5, 0 }, InvalidCause.Unnormalized)]
    [InlineData(LossInput.Probs, new double[] { 0, 0, 0 }, InvalidCause.Unnormalized)]
    [InlineData(LossInput.Probs, new double[] { 1, 2, 3 }, InvalidCause.Unnormalized)] // logits, declared wrong
    [InlineData(LossInput.Probs, new[] { 0.5, double.NegativeInfinity, 0.5 }, InvalidCause.Unnormalized)]
    [InlineData(LossInput.Probs, new[] { 0.5, double.PositiveInfinity, -1 }, InvalidCause.Infinity)]
    [InlineData(LossInput.Probs, new[] { double.NaN, -1, 1 }, InvalidCause.NaN)]
    [InlineData(LossInput.LogProbs, new[] { -0.6931471805599453, -0.6931471805599453, double.NegativeInfinity }, null)]
    [InlineData(LossInput.LogProbs, new[] { -0.69, -0.69, -8 }, InvalidCause.Unnormalized)] // 1.0035
    [InlineData(LossInput.LogProbs, new double[] { 1, -1e300, -1e300 }, InvalidCause.Unnormalized)]
    [InlineData(LossInput.LogProbs, new[] { -1e300, -1e300, 0 }, null)]
    [InlineData(LossInput.LogProbs, new[] { double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity }, InvalidCause.AllMasked)]
    [InlineData(LossInput.LogProbs, new[] { double.PositiveInfinity, 0, 0 }, InvalidCause.Infinity)]
    public void Probabilities_are_checked_and_taken_as_they_are(LossInput input, double[] row, InvalidCause? cause)
    {
        Write((new([.. row.Select(x => (double?)x)], 0), 1));
        var totals = Evaluate(new EvaluationOptions { Loss = new LossFunction { Input = input }, OnInvalid = InvalidRowPolicy.Skip });
        if (cause is { } c)
        {
            Assert.Equal((1, 0), (totals.Rows[c], totals.Rows.Evaluated));
            return;
        }

        Assert.Equal(input == LossInput.Probs ? -Math.Log(row[0]) : -row[0], totals.MeanLoss!.Value, 1e-15);
    }

    [Fact]
    public void The_tolerance_is_the_callers()
    {
        Write((new([0.5, 0.25, 0.3], 0), 1));
        Assert.Throws<BadInputException>(() => Evaluate(new EvaluationOptions { Loss = new LossFunction { Input = LossInput.Probs } }));
        Assert.Equal(1, Evaluate(new EvaluationOptions { Loss = new LossFunction { Input = LossInput.Probs, SumTolerance = 0.06 } }).Rows.Evaluated);
    }

    [Fact]
    public void A_label_of_probability_zero_is_an_infinite_loss_and_is_counted()
    {
        Write((new([0, 0.5, 0.5], 0), 1), (new([0, 0.5, 0.5], 1), 1));
        var totals = Evaluate(new EvaluationOptions { Loss = new LossFunction { Input = LossInput.Probs } });
        Assert.Equal((2, 1, double.PositiveInfinity), (totals.Rows.Evaluated, totals.Losses.InfiniteCount, totals.MeanLoss!.Value));
    }

    [Fact]
    public void Logits_that_the_temperature_makes_infinite_are_invalid_and_not_clipped()
    {
        Write((new([1e308, 0, 0], 0), 1), (new([-1e308, 0, 0], 0), 1));
        var options = new EvaluationOptions { Loss = new LossFunction { Temperature = 0.1 }, OnInvalid = InvalidRowPolicy.Skip };
        var totals = Evaluate(options);
        Assert.Equal((1, 1, 1), (totals.Rows[InvalidCause.Infinity], totals.Rows.Evaluated, totals.Losses.InfiniteCount));
        var e = Assert.Throws<BadInputException>(() => Evaluate(options with { OnInvalid = InvalidRowPolicy.Fail }));
        Assert.Contains("a logit is +infinity when divided by the temperature 0.1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_and_probabilities_are_in_the_digest()
    {
        Write((new([1, 2, 3], 0), 1), (new([3, 1, 2], 0), 2));
        string digest = Evaluate(Weighted).Digest();
        Write((new([1, 2, 3], 0), 2), (new([3, 1, 2], 0), 1));
        Assert.NotEqual(digest, Evaluate(Weighted).Digest());
        var probs = new EvaluationOptions { Loss = new LossFunction { Input = LossInput.Probs }, OnInvalid = InvalidRowPolicy.Skip };
        Write((new([1, 0, 0], 0), 1));
        string one = Evaluate(probs).Digest();
        Write((new([1, 0, 0], 0), 1), (new([1, 1, 1], 0), 1));
        Assert.NotEqual(one, Evaluate(probs).Digest());
    }

    private Totals Evaluate(EvaluationOptions options) => DumpFolder.Evaluate(RunPlan.Create([_folder.Path], options));

    private string Write(params (DumpRow Row, double? Weight)[] rows)
    {
        var schema = DumpFolder.Nullable with { LogitType = Parquet.Writing.LogitType.Float64, WeightName = "weight" };
        using var writer = new DumpWriter(_folder["dump.parquet"], schema, new WriterOptions { PageRows = 2 });
        foreach (var (row, weight) in rows)
        {
            writer.Weight = weight;
            if (row.Logits is null)
            {
                writer.AppendNullLogits(row.Label);
            }
            else
            {
                writer.AppendRow([.. row.Logits.Select(z => z!.Value)], row.Label);
            }
        }

        writer.Close();
        return _folder["dump.parquet"];
    }
}
