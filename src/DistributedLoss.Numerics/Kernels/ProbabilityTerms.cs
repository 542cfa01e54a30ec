using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// What a stored value says of a class: e, its probability but for a factor common to the row, and x, the -log of e. x is finite, so that
/// e x is 0 where e is.
/// </summary>
internal interface IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    static abstract TLanes Evaluate(TLanes value, TLanes max, out TLanes x);

    /// <summary>Adds the class's part of the row's third sum.</summary>
    static abstract TLanes AddSquare(TLanes e, TLanes x, TLanes sum);
}

/// <summary>Logits: e = exp(z - max).</summary>
internal readonly struct LogitTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x)
    {
        x = LaneMath<TLanes>.AtMostExpZero(max - value);
        return LaneMath<TLanes>.ExpUpToZero(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddSquare(TLanes e, TLanes x, TLanes sum) => TLanes.Fma(e, e, sum);
}

/// <summary>Logits, for the moments of their gaps: the third sum is that of e x^2.</summary>
internal readonly struct GapTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x) => LogitTerms<TLanes>.Evaluate(value, max, out x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddSquare(TLanes e, TLanes x, TLanes sum) => TLanes.Fma(e * x, x, sum);
}

/// <summary>Log-probabilities, taken as they are: e is the probability itself. Those above 0 are within the tolerance for the sum, below log 2.</summary>
internal readonly struct LogProbTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x)
    {
        x = LaneMath<TLanes>.AtMostExpZero(TLanes.Create(0) - value);
        return LaneMath<TLanes>.ExpUpToZero(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddSquare(TLanes e, TLanes x, TLanes sum) => TLanes.Fma(e, e, sum);
}

/// <summary>Probabilities, taken as they are.</summary>
internal readonly struct ProbTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x)
    {
        // -0.0 becomes 0.0.
        TLanes p = value + TLanes.Create(0);
        x = TLanes.Create(0) - LaneMath<TLanes>.LogOfProbability(p);
        return p;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddSquare(TLanes e, TLanes x, TLanes sum) => TLanes.Fma(e, e, sum);
}
