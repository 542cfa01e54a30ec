using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>exp, log and log1p against mpmath, full range, and the kernels' vectors against both.</summary>
public class ElementaryTests
{
    [Fact]
    public void Exp_is_within_1_ulp_everywhere() => AssertWithin(0.9, Goldens.Points("exp"), Elementary.Exp);

    [Fact]
    public void Log_is_within_1_ulp_everywhere() => AssertWithin(0.9, Goldens.Points("log"), Elementary.Log);

    [Fact]
    public void Log1p_is_within_1_ulp_everywhere() => AssertWithin(0.9, Goldens.Points("log1p"), Elementary.Log1p);

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_kernels_exp_is_within_1_ulp_and_has_the_scalar_bits(string kernel) => AssertKernel(
        [.. Goldens.Points("exp").Where(p => p.X <= 0)],
        (values, results) => RowKernel.Parse(kernel).Evaluator.ExpOfMinus([.. values.Select(x => -x)], results),
        Elementary.Exp);

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_kernels_log1p_is_within_1_ulp_and_has_the_scalar_bits(string kernel) => AssertKernel(
        [.. Goldens.Points("log1p").Where(p => p.X is >= 0 and < 1e15)],
        (values, results) => RowKernel.Parse(kernel).Evaluator.Log1pNonNegative(values, results),
        Elementary.Log1p);

    [Fact]
    public void Ends_of_the_range_have_their_limits()
    {
        Assert.Equal(1, Elementary.Exp(0));
        Assert.Equal(1, Elementary.Exp(-0.0));
        Assert.Equal(0, Elementary.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(double.PositiveInfinity));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(709.7827128933841));
        Assert.Equal(double.NaN, Elementary.Exp(double.NaN));
        Assert.Equal(0, Elementary.Log(1));
        Assert.Equal(double.NegativeInfinity, Elementary.Log(0));
        Assert.Equal(double.NaN, Elementary.Log(-1));
        Assert.Equal(double.NaN, Elementary.Log(double.NaN));
        Assert.Equal(double.PositiveInfinity, Elementary.Log(double.PositiveInfinity));
        Assert.Equal(0, Elementary.Log1p(0));
        Assert.Equal(double.NegativeInfinity, Elementary.Log1p(-1));
        Assert.Equal(double.NaN, Elementary.Log1p(-1.5));
        Assert.Equal(double.NaN, Elementary.Log1p(double.NaN));
        Assert.Equal(double.PositiveInfinity, Elementary.Log1p(double.PositiveInfinity));
    }

    private static void AssertKernel(GoldenPoint[] points, Action<double[], double[]> kernel, Func<double, double> scalar)
    {
        double[] results = new double[points.Length];
        kernel([.. points.Select(p => p.X)], results);
        for (int i = 0; i < points.Length; i++)
        {
            Assert.Equal(BitConverter.DoubleToInt64Bits(scalar(points[i].X)), BitConverter.DoubleToInt64Bits(results[i]));
        }

        int at = 0;
        AssertWithin(0.9, points, _ => results[at++]);
    }

    private static void AssertWithin(double ulps, GoldenPoint[] points, Func<double, double> function)
    {
        Assert.True(points.Length > 2000);
        (double worst, double x) = points.Select(p => (p.Ulps(function(p.X)), p.X)).Max();
        Assert.True(worst <= ulps, $"{worst} ulp at {x:R}");
    }
}
