using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// exp, log and log1p of any float64, with the kernels' own arithmetic: the same bits on every machine, at most 1 ulp off
/// (docs/numerics.md).
/// </summary>
public static class Elementary
{
    private const double ExpInfiniteAbove = 709.782712893384; // log of the largest float64, rounded to nearest; its own exp is finite
    private const double TwoToThe54 = 18014398509481984;
    private const double LeastNormal = 2.2250738585072014e-308;

    /// <summary>exp(x): 0 for -inf, +inf for +inf and above 709.78, NaN for NaN, subnormals rounded.</summary>
    public static double Exp(double x)
    {
        if (!(x > 0))
        {
            return double.IsNaN(x) ? x : Apply(LaneMath<ScalarLane>.Exp(ScalarLane.Create(-x)));
        }

        if (x > ExpInfiniteAbove)
        {
            return double.PositiveInfinity;
        }

        double p = Apply(LaneMath<ScalarLane>.Significand(ScalarLane.Create(-x), out ScalarLane shifted));
        int n = (int)(Apply(shifted) - LaneMath<ScalarLane>.RoundingShift);
        // 2^1024 itself is no float64.
        return p * 2 * BitConverter.UInt64BitsToDouble((ulong)(n - 1 + 1023) << 52);
    }

    /// <summary>log(x): -inf for 0, NaN below 0 and for NaN.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        double scaled = x < LeastNormal ? 54 : 0;
        ScalarLane u = ScalarLane.Create(scaled > 0 ? x * TwoToThe54 : x);
        ScalarLane k = LaneMath<ScalarLane>.Exponent(u, out ScalarLane significand) - ScalarLane.Create(scaled);
        return Apply(LaneMath<ScalarLane>.LogOfReduced(significand - ScalarLane.Create(1), k, default));
    }

    /// <summary>log(1 + x) with full relative precision near 0: -inf for -1, NaN below and for NaN.</summary>
    public static double Log1p(double x)
    {
        const double SqrtHalfMinusOne = -0.29289321881345248;
        if (!(x > -1) || double.IsPositiveInfinity(x))
        {
            return x == -1 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        if (x >= 0)
        {
            // Beyond 2^54, 1 + x and x have the same nearest log.
            return x < TwoToThe54 ? Apply(LaneMath<ScalarLane>.Log1p(ScalarLane.Create(x))) : Log(x);
        }

        if (x > SqrtHalfMinusOne)
        {
            return Apply(LaneMath<ScalarLane>.LogOfReduced(ScalarLane.Create(x), default, default));
        }

        double u = 1 + x;
        double error = x - (u - 1);
        ScalarLane k = LaneMath<ScalarLane>.Exponent(ScalarLane.Create(u), out ScalarLane significand);
        return Apply(LaneMath<ScalarLane>.LogOfReduced(significand - ScalarLane.Create(1), k, ScalarLane.Create(error / u)));
    }

    private static unsafe double Apply(ScalarLane lane)
    {
        double value;
        ScalarLane.Store(lane, &value);
        return value;
    }
}
