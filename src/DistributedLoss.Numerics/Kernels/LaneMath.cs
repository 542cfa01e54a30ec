using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// exp and log1p, lane by lane, without a branch: the same bits at every width. Fused multiply-adds are explicit; each is
/// rounded once on every machine. Both stay within 1 ulp (docs/numerics.md has what was measured).
/// <para>exp(-x), x &gt;= 0 (the distance of a logit to its row's maximum):</para>
/// <para>1. n = -x log2(e) rounded to an integer, by adding 1.5 x 2^52, whose last place is 1. The low bits of the sum are n.</para>
/// <para>2. r1 = x + n Ln2High is exact: n = 0 leaves x; else x &gt; 1/4, so x is a multiple of 2^-54, as is n Ln2High, and
/// their sum, below 1/2, fits 53 bits. r = r1 + n Ln2Low is rounded once; |r| &lt;= ln(2)/2 (1 + 2^-40).</para>
/// <para>3. p = exp(-r) = 1 - r (1 - r g(-r)), g minimax of degree 9 (relative error 4e-18, exp_coefficients.py).</para>
/// <para>4. 2^n p, by adding n to p's exponent field.</para>
/// </summary>
internal static class LaneMath<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Up to here <see cref="ExpNormal"/> holds: n &gt;= -1021 and p &gt; 0.7 keep 2^n p normal.</summary>
    public const double ExpNormalUpTo = 708;

    internal const double Log2E = 1.4426950408889634;
    internal const double Ln2High = 0.6931471805599453; // nearest to ln 2
    internal const double Ln2Low = 2.3190468138462996e-17; // nearest to ln 2 - Ln2High
    internal const double RoundingShift = LaneCount.IntegerShift;

    private const double ExpZeroFrom = 746; // exp(-746) < 2^-1075, half the least subnormal
    private const double C2 = 0.5000000000000011;
    private const double C3 = -0.16666666666666444;
    private const double C4 = 0.04166666666652708;
    private const double C5 = -0.008333333333475863;
    private const double C6 = 0.0013888888944296655;
    private const double C7 = -0.00019841269544793855;
    private const double C8 = 2.480149250689427e-05;
    private const double C9 = -2.7557553619110027e-06;
    private const double C10 = 2.763043404555999e-07;
    private const double C11 = -2.5010085173535055e-08;

    private const double TwoToThe1000 = 1.0715086071862673e+301;
    private const double TwoToTheMinus1000 = 9.332636185032189e-302;

    private const double SqrtTwoMinusOne = 0.41421356237309503;
    private const double OneMinusSqrtHalf = 0.29289321881345248;
    private const double TwoToThe52 = 4503599627370496;
    private const double TwoToThe54 = 18014398509481984;
    private const double LeastNormal = 2.2250738585072014e-308;
    private const double SplitLn2High = 6.93147180369123816490e-01; // 33 bits: k SplitLn2High is exact
    private const double SplitLn2Low = 1.90821492927058770002e-10;
    private const double L1 = 6.666666666666735130e-01;
    private const double L2 = 3.999999999940941908e-01;
    private const double L3 = 2.857142874366239149e-01;
    private const double L4 = 2.222219843214978396e-01;
    private const double L5 = 1.818357216161805012e-01;
    private const double L6 = 1.531383769920937332e-01;
    private const double L7 = 1.479819860511658591e-01;

    /// <summary>exp(-x) for 0 &lt;= x &lt;= 708: the result is normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes ExpNormal(TLanes x)
    {
        TLanes p = Significand(x, out TLanes shifted);
        return TLanes.AddBits(p, TLanes.ShiftBitsLeft(shifted, 52));
    }

    /// <summary>
    /// exp(-x) for x &gt;= 0, +inf included; a subnormal result is rounded once more. The bits of <see cref="ExpNormal"/> where that holds.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x) => ExpUpToZero(AtMostExpZero(x));

    /// <summary>
    /// <see cref="Exp"/> of four registers, step by step side by side: the CPU looks some four registers ahead, which hides half of the latency
    /// of one after the other, and each constant is loaded once for the four.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ExpFour(TLanes x0, TLanes x1, TLanes x2, TLanes x3, out TLanes e0, out TLanes e1, out TLanes e2, out TLanes e3)
    {
        TLanes most = TLanes.Create(ExpZeroFrom);
        x0 = TLanes.Min(most, x0);
        x1 = TLanes.Min(most, x1);
        x2 = TLanes.Min(most, x2);
        x3 = TLanes.Min(most, x3);
        TLanes one = TLanes.Create(1);
        TLanes shift = TLanes.Create(RoundingShift);
        TLanes log2E = TLanes.Create(-Log2E);
        TLanes n0 = TLanes.Fma(x0, log2E, shift);
        TLanes n1 = TLanes.Fma(x1, log2E, shift);
        TLanes n2 = TLanes.Fma(x2, log2E, shift);
        TLanes n3 = TLanes.Fma(x3, log2E, shift);
        n0 -= shift;
        n1 -= shift;
        n2 -= shift;
        n3 -= shift;
        TLanes high = TLanes.Create(Ln2High);
        TLanes r0 = TLanes.Fma(n0, high, x0);
        TLanes r1 = TLanes.Fma(n1, high, x1);
        TLanes r2 = TLanes.Fma(n2, high, x2);
        TLanes r3 = TLanes.Fma(n3, high, x3);
        TLanes low = TLanes.Create(Ln2Low);
        r0 = TLanes.Fma(n0, low, r0);
        r1 = TLanes.Fma(n1, low, r1);
        r2 = TLanes.Fma(n2, low, r2);
        r3 = TLanes.Fma(n3, low, r3);
        TLanes square0 = r0 * r0;
        TLanes square1 = r1 * r1;
        TLanes square2 = r2 * r2;
        TLanes square3 = r3 * r3;
        TLanes a = TLanes.Create(C11);
        TLanes b = TLanes.Create(C10);
        TLanes g0 = TLanes.Fma(a, r0, b);
        TLanes g1 = TLanes.Fma(a, r1, b);
        TLanes g2 = TLanes.Fma(a, r2, b);
        TLanes g3 = TLanes.Fma(a, r3, b);
        a = TLanes.Create(C9);
        b = TLanes.Create(C8);
        g0 = TLanes.Fma(g0, square0, TLanes.Fma(a, r0, b));
        g1 = TLanes.Fma(g1, square1, TLanes.Fma(a, r1, b));
        g2 = TLanes.Fma(g2, square2, TLanes.Fma(a, r2, b));
        g3 = TLanes.Fma(g3, square3, TLanes.Fma(a, r3, b));
        a = TLanes.Create(C7);
        b = TLanes.Create(C6);
        g0 = TLanes.Fma(g0, square0, TLanes.Fma(a, r0, b));
        g1 = TLanes.Fma(g1, square1, TLanes.Fma(a, r1, b));
        g2 = TLanes.Fma(g2, square2, TLanes.Fma(a, r2, b));
        g3 = TLanes.Fma(g3, square3, TLanes.Fma(a, r3, b));
        a = TLanes.Create(C5);
        b = TLanes.Create(C4);
        g0 = TLanes.Fma(g0, square0, TLanes.Fma(a, r0, b));
        g1 = TLanes.Fma(g1, square1, TLanes.Fma(a, r1, b));
        g2 = TLanes.Fma(g2, square2, TLanes.Fma(a, r2, b));
        g3 = TLanes.Fma(g3, square3, TLanes.Fma(a, r3, b));
        a = TLanes.Create(C3);
        b = TLanes.Create(C2);
        g0 = TLanes.Fma(g0, square0, TLanes.Fma(a, r0, b));
        g1 = TLanes.Fma(g1, square1, TLanes.Fma(a, r1, b));
        g2 = TLanes.Fma(g2, square2, TLanes.Fma(a, r2, b));
        g3 = TLanes.Fma(g3, square3, TLanes.Fma(a, r3, b));
        TLanes minusOne = TLanes.Create(-1);
        g0 = TLanes.Fma(r0, g0, minusOne);
        g1 = TLanes.Fma(r1, g1, minusOne);
        g2 = TLanes.Fma(r2, g2, minusOne);
        g3 = TLanes.Fma(r3, g3, minusOne);
        g0 = TLanes.Fma(r0, g0, one);
        g1 = TLanes.Fma(r1, g1, one);
        g2 = TLanes.Fma(r2, g2, one);
        g3 = TLanes.Fma(r3, g3, one);
        e0 = Scaled(g0, n0, n0 + shift);
        e1 = Scaled(g1, n1, n1 + shift);
        e2 = Scaled(g2, n2, n2 + shift);
        e3 = Scaled(g3, n3, n3 + shift);
    }

    /// <summary>p 2^n, rounded once, for 0.5 &lt;= p &lt; 2 and -1078 &lt;= n &lt;= 23.</summary>
    /// <param name="shifted">n + 1.5 x 2^52.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Scaled(TLanes p, TLanes n, TLanes shifted)
    {
        if (TLanes.CanScale)
        {
            return TLanes.Scale(p, n);
        }

        // 2^(n+1000) >= 2^-78 and its product with p are exact: only the last product can round.
        TLanes large = TLanes.AddBits(TLanes.Create(TwoToThe1000), TLanes.ShiftBitsLeft(shifted, 52));
        return p * large * TLanes.Create(TwoToTheMinus1000);
    }

    /// <summary><see cref="Exp"/> of what <see cref="AtMostExpZero"/> gives. x may be negative, down to -15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes ExpUpToZero(TLanes x)
    {
        TLanes p = Significand(x, out TLanes shifted);
        return Scaled(p, shifted - TLanes.Create(RoundingShift), shifted);
    }

    /// <summary>The smaller of x and 746, from where on exp(-x) is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AtMostExpZero(TLanes x) => TLanes.Min(TLanes.Create(ExpZeroFrom), x);

    /// <summary>log(p) for 0 &lt; p &lt; 2^1000, within 1 ulp; something finite for 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LogOfProbability(TLanes p)
    {
        TLanes leastNormal = TLanes.Create(LeastNormal);
        TLanes normal = TLanes.SelectAbove(leastNormal, p, p * TLanes.Create(TwoToThe54), p);
        TLanes k = Exponent(normal, out TLanes significand) - TLanes.SelectAbove(leastNormal, p, TLanes.Create(54), TLanes.Create(0));
        return LogOfReduced(significand - TLanes.Create(1), k, TLanes.Create(0));
    }

    /// <summary>log(1 - p) for 0 &lt;= p &lt; 1, as <see cref="Log1p"/>, with full relative precision near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LogOfOneMinus(TLanes p)
    {
        TLanes one = TLanes.Create(1);
        TLanes u = one - p;
        TLanes error = (one - u) - p;
        TLanes k = Exponent(u, out TLanes significand);
        TLanes limit = TLanes.Create(OneMinusSqrtHalf);
        TLanes zero = TLanes.Create(0);
        return LogOfReduced(
            TLanes.SelectAbove(limit, p, zero - p, significand - one),
            TLanes.SelectAbove(limit, p, zero, k),
            TLanes.SelectAbove(limit, p, zero, error / u));
    }

    /// <summary>2^-n exp(-x), and the sum whose low bits are n. x may be negative down to -746.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Significand(TLanes x, out TLanes shifted)
    {
        TLanes one = TLanes.Create(1);
        TLanes shift = TLanes.Create(RoundingShift);
        shifted = TLanes.Fma(x, TLanes.Create(-Log2E), shift);
        TLanes n = shifted - shift;
        TLanes r = TLanes.Fma(n, TLanes.Create(Ln2High), x);
        r = TLanes.Fma(n, TLanes.Create(Ln2Low), r);

        // Estrin's first level halves the chain of dependent steps for one more product.
        TLanes square = r * r;
        TLanes g = TLanes.Fma(TLanes.Create(C11), r, TLanes.Create(C10));
        g = TLanes.Fma(g, square, TLanes.Fma(TLanes.Create(C9), r, TLanes.Create(C8)));
        g = TLanes.Fma(g, square, TLanes.Fma(TLanes.Create(C7), r, TLanes.Create(C6)));
        g = TLanes.Fma(g, square, TLanes.Fma(TLanes.Create(C5), r, TLanes.Create(C4)));
        g = TLanes.Fma(g, square, TLanes.Fma(TLanes.Create(C3), r, TLanes.Create(C2)));
        return TLanes.Fma(r, TLanes.Fma(r, g, TLanes.Create(-1)), one);
    }

    /// <summary>
    /// log(1 + s) for 0 &lt;= s &lt; 2^1023, after FreeBSD's s_log1p.c: below sqrt(2) - 1, f = s itself, so a tiny s keeps its full
    /// relative precision; above, u = 1 + s with its exact rounding error over u as correction, u = 2^k (1 + f).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log1p(TLanes s)
    {
        TLanes one = TLanes.Create(1);
        TLanes u = one + s;
        TLanes rounded = u - one;
        TLanes error = (one - (u - rounded)) + (s - rounded);
        TLanes k = Exponent(u, out TLanes significand);
        TLanes limit = TLanes.Create(SqrtTwoMinusOne);
        TLanes zero = TLanes.Create(0);
        return LogOfReduced(
            TLanes.SelectAbove(limit, s, s, significand - one),
            TLanes.SelectAbove(limit, s, zero, k),
            TLanes.SelectAbove(limit, s, zero, error / u));
    }

    /// <summary>u = 2^k significand, sqrt(1/2) &lt; significand &lt;= sqrt(2), for a normal u > 0; returns k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Exponent(TLanes u, out TLanes significand)
    {
        const ulong SqrtHalfBits = 0x3fe6a09e00000000;
        const ulong OneBits = 0x3ff0000000000000;
        const ulong MantissaBits = 0x000fffffffffffff;
        TLanes moved = TLanes.AddBits(u, TLanes.Create(BitConverter.UInt64BitsToDouble(OneBits - SqrtHalfBits)));
        significand = TLanes.AddBits(
            TLanes.And(moved, TLanes.Create(BitConverter.UInt64BitsToDouble(MantissaBits))),
            TLanes.Create(BitConverter.UInt64BitsToDouble(SqrtHalfBits)));
        // An integer below 2^52 in the mantissa of 2^52 reads as 2^52 + itself.
        TLanes biased = TLanes.Or(TLanes.ShiftBitsRight(moved, 52), TLanes.Create(TwoToThe52));
        return biased - TLanes.Create(TwoToThe52 + 1023);
    }

    /// <summary>log(1 + f) + k ln 2 + correction, for |f| below sqrt(2) - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes LogOfReduced(TLanes f, TLanes k, TLanes correction)
    {
        TLanes halfSquare = TLanes.Create(0.5) * f * f;
        TLanes s = f / (TLanes.Create(2) + f);
        TLanes z = s * s;
        TLanes w = z * z;
        TLanes even = w * TLanes.Fma(w, TLanes.Fma(w, TLanes.Create(L6), TLanes.Create(L4)), TLanes.Create(L2));
        TLanes odd = z * TLanes.Fma(w, TLanes.Fma(w, TLanes.Fma(w, TLanes.Create(L7), TLanes.Create(L5)), TLanes.Create(L3)), TLanes.Create(L1));
        TLanes tail = TLanes.Fma(s, halfSquare + (even + odd), TLanes.Fma(k, TLanes.Create(SplitLn2Low), correction));
        return TLanes.Fma(k, TLanes.Create(SplitLn2High), f - (halfSquare - tail));
    }
}
