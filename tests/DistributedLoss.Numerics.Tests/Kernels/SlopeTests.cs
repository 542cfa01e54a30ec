using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Derivatives of losses by the temperature against 80 digits and their published bound, and the bits that nothing may change.</summary>
public class SlopeTests
{
    private const double HalfUnit = 1.1102230246251565e-16; // 2^-53, u

    private static readonly GoldenSlope[] Rows = Goldens.Slopes();

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Slopes_are_those_of_80_digits_within_the_error_that_they_come_with(string kernel)
    {
        foreach (GoldenSlope row in Rows)
        {
            Sloped actual = Sloped.Of(kernel, row);
            AssertWithin(actual.Error[0], actual.Slope[0], row.Slope, row);

            // As far off as the slope for the gaps, and by the bound of a top loss.
            double log = Math.Log(row.Classes);
            double top = (HalfUnit * (4 + Math.Log2(row.Classes))) + (2 * Goldens.Ulp(log));
            AssertWithin(actual.Error[0] + (12 * HalfUnit * row.Loss[0]) + (3 * row.Weight * top), actual.Loss[0], row.Loss, row);
            AssertWithin(1e-12 * Scale(row, actual), actual.Curvature[0], row.Curvature, row);
        }
    }

    [Fact]
    public void The_error_says_something()
    {
        // At any scale, also where all probabilities are the same: far below the slope of most rows.
        foreach (double temperature in new[] { 0.37, 1, 2.5, Math.ScaleB(1, 64) })
        {
            var rows = Rows.Where(r => r.Temperature == temperature && r.Kind is "random" or "masked" && r.Slope[0] != 0);
            double[] errors = [.. rows.Select(r => Sloped.Of("scalar", r).Error[0] / Math.Abs(r.Slope[0])).Order()];
            Assert.True(errors.Length >= 10, $"{temperature}: {errors.Length} rows");
            Assert.True(errors[errors.Length / 2] < 1e-12, $"{temperature}: {errors[errors.Length / 2]}");
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_type_and_cut_gives_the_scalar_bits(string kernel)
    {
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in new[] { 1, 2, 7, 8, 9, 65, 513, 1100 })
            {
                (byte[] values, int[] labels) = Adversary.Block(type, 25, classes, seed: classes + (int)type);
                double[] targets = [.. Enumerable.Range(0, 25 * classes).Select(i => i % 5 / 4.0)];
                double[] weights = [.. Enumerable.Range(0, 25 * classes).Select(i => i % 7 * 0.3)];
                double[] classWeights = [.. Enumerable.Range(0, classes).Select(c => c % 3 * 0.7)];
                foreach (LossFunction function in new LossFunction[] { new(), new() { Temperature = 1.7 }, new() { LabelSmoothing = 0.2, Temperature = 0.3 } })
                {
                    Assert.Equal(
                        Sloped.Of("scalar", function, type, values, classes, labels, weights, weights, classWeights).Bits(),
                        Sloped.Of(kernel, function, type, values, classes, labels, weights, weights, classWeights, cut: 4).Bits());
                    Assert.Equal(
                        Sloped.OfTargets("scalar", function, type, values, classes, targets, labels, weights, classWeights).Bits(),
                        Sloped.OfTargets(kernel, function, type, values, classes, targets, labels, weights, classWeights, cut: 4).Bits());
                    Assert.Equal(
                        Sloped.OfElements("scalar", function.Temperature, type, values, classes, targets, weights, classWeights).Bits(),
                        Sloped.OfElements(kernel, function.Temperature, type, values, classes, targets, weights, classWeights, cut: 4).Bits());
                }
            }
        }
    }

    [Fact]
    public void A_masked_label_has_an_infinite_slope_and_a_row_that_is_not_valid_none()
    {
        byte[] values = Sloped.Bytes([0, double.NegativeInfinity, 1, 1, double.NaN, 1, 2, 3]);
        Sloped actual = Sloped.Of("256", new LossFunction(), LogitType.Float64, values, 2, [1, -1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1], null);
        Assert.Equal([double.PositiveInfinity, double.NaN, double.NaN], actual.Slope[..3]);
        Assert.True(actual.Slope[3] > 0);
    }

    [Fact]
    public void A_quotient_that_overflows_leaves_no_slope()
    {
        Sloped actual = Sloped.Of("256", new LossFunction { Temperature = 0.5 }, LogitType.Float64, Sloped.Bytes([1.7e308, 1]), 2, [0], [1], [1], null);
        Assert.Equal([double.NaN], actual.Slope);
    }

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        var labels = new SlopeEvaluator(RowKernel.Default, new LossFunction { LabelSmoothing = 0.1, Temperature = 2 }, 3);
        var elements = new BinarySlopeEvaluator(RowKernel.Default, 3, 2);
        byte[] logits = Sloped.Bytes([1, 2, 3]);
        double[] target = [0.5, 0.25, 0.25];
        var row = Sloped.New(1);
        var three = Sloped.New(3);
        Assert.Equal(0, Allocations.Of(() =>
        {
            var block = LogitBlock.RowMajor(LogitType.Float64, logits, 1, 3);
            labels.Evaluate(block, [0], default, default, row.Slopes);
            labels.Evaluate(block, target, [0], default, row.Slopes);
            elements.Evaluate(block, target, default, three.Slopes);
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new SlopeEvaluator(RowKernel.Default, new LossFunction(), 3, [1, 2]));
        Assert.Throws<ArgumentException>(() => new SlopeEvaluator(RowKernel.Default, new LossFunction { Input = LossInput.Probs }, 3));
        Assert.Throws<ArgumentException>(() => new BinarySlopeEvaluator(RowKernel.Default, 3, 1, [1, 2]));
        Assert.Throws<ArgumentException>(() => Sloped.Of("scalar", new LossFunction(), LogitType.Float64, Sloped.Bytes([1, 2]), 2, [2], [1], [1], null));
        Assert.Throws<ArgumentException>(() => new SlopeEvaluator(RowKernel.Default, new LossFunction(), 2)
            .Evaluate(LogitBlock.RowMajor(LogitType.Float64, Sloped.Bytes([1, 2]), 1, 2), [0], default, default, default));
    }

    // The curvature chooses where to look: a few digits of the mean square gap would do.
    private static double Scale(GoldenSlope row, Sloped actual) => 1e-290 + Math.Abs(row.Curvature[0]) + (actual.Error[0] / HalfUnit);

    private static void AssertWithin(double bound, double actual, double[] exact, GoldenSlope row)
    {
        double error = Goldens.Distance(actual, exact);
        Assert.True(error <= bound, $"{row}: {actual:R}, not {exact[0]:R}: {error} off, over {bound}");
    }
}
