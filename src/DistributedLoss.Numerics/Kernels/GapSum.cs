using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Sums over a row's classes of weights and gaps max - z. Class j is in lane j % 8; each lane keeps (sum, lost), lost collecting the exact
/// errors of its additions, and the lanes are added in order: the bits depend on the row alone.
/// </summary>
internal static class GapSum
{
    private const int Lanes = 8;

    /// <summary>sum over j of weights_j (max - z_j), the smoothing part of a loss.</summary>
    /// <param name="weights">At least 0, one a class.</param>
    /// <returns>+inf or NaN (0 times an infinite gap) as IEEE 754 adds and multiplies.</returns>
    public static double Evaluate(ReadOnlySpan<double> logits, double max, ReadOnlySpan<double> weights) => Sum<Gaps>(logits, max, weights);

    /// <summary>The same, but a weight of 0 contributes 0 whatever its gap.</summary>
    public static double WherePositive(ReadOnlySpan<double> logits, double max, ReadOnlySpan<double> weights) =>
        Sum<GapsWherePositive>(logits, max, weights);

    /// <summary>sum over j of weights_j.</summary>
    public static double OfWeights(ReadOnlySpan<double> weights) => Sum<Weights>(weights, 0, weights);

    private static double Sum<TTerm>(ReadOnlySpan<double> logits, double max, ReadOnlySpan<double> weights)
        where TTerm : struct, ITerm
    {
        var top = Vector256.Create(max);
        Vector256<double> sum0 = default, sum1 = default, lost0 = default, lost1 = default;
        var z = MemoryMarshal.Cast<double, Vector256<double>>(logits);
        var w = MemoryMarshal.Cast<double, Vector256<double>>(weights);
        int whole = logits.Length / Lanes * Lanes;
        for (int i = 0; i < whole / 4; i += 2)
        {
            Add(ref sum0, ref lost0, TTerm.Of(z[i], top, w[i]));
            Add(ref sum1, ref lost1, TTerm.Of(z[i + 1], top, w[i + 1]));
        }

        // Terms of absent classes are +0.0 and change nothing.
        Span<double> tail = stackalloc double[Lanes];
        tail.Clear();
        for (int c = whole; c < logits.Length; c++)
        {
            tail[c - whole] = Term<TTerm>(logits[c], max, weights[c]);
        }

        Add(ref sum0, ref lost0, Vector256.Create<double>(tail));
        Add(ref sum1, ref lost1, Vector256.Create<double>(tail[4..]));
        double sum = 0;
        double lost = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            double term = lane < 4 ? sum0[lane] : sum1[lane - 4];
            double total = sum + term;
            double added = total - sum;
            lost += (sum - (total - added)) + (term - added) + (lane < 4 ? lost0[lane] : lost1[lane - 4]);
            sum = total;
        }

        double result = sum + lost;
        return double.IsFinite(result) ? result : Plain<TTerm>(logits, max, weights);
    }

    // The error of an infinite addition is NaN: here there are none.
    private static double Plain<TTerm>(ReadOnlySpan<double> logits, double max, ReadOnlySpan<double> weights)
        where TTerm : struct, ITerm
    {
        double sum = 0;
        for (int c = 0; c < logits.Length; c++)
        {
            sum += Term<TTerm>(logits[c], max, weights[c]);
        }

        return sum;
    }

    private static double Term<TTerm>(double logit, double max, double weight)
        where TTerm : struct, ITerm => TTerm.Of(Vector256.CreateScalar(logit), Vector256.CreateScalar(max), Vector256.CreateScalar(weight)).ToScalar();

    private static void Add(ref Vector256<double> sum, ref Vector256<double> lost, Vector256<double> term)
    {
        var total = sum + term;
        var added = total - sum;
        lost += (sum - (total - added)) + (term - added);
        sum = total;
    }

    private interface ITerm
    {
        static abstract Vector256<double> Of(Vector256<double> logit, Vector256<double> max, Vector256<double> weight);
    }

    private readonly struct Gaps : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<double> Of(Vector256<double> logit, Vector256<double> max, Vector256<double> weight) => weight * (max - logit);
    }

    private readonly struct GapsWherePositive : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<double> Of(Vector256<double> logit, Vector256<double> max, Vector256<double> weight) =>
            Vector256.ConditionalSelect(Vector256.GreaterThan(weight, Vector256<double>.Zero), weight * (max - logit), Vector256<double>.Zero);
    }

    private readonly struct Weights : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<double> Of(Vector256<double> logit, Vector256<double> max, Vector256<double> weight) => weight;
    }
}
