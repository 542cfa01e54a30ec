using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// What a stored value says of a class: e, its probability but for a factor common to the row, and x, the -log of e. x is finite, so that
/// e x is 0 where e is.
/// </summary>
internal unsafe interface IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Whether the e of a row's classes are kept from the evaluation of its loss, that of the predicted class apart.</summary>
    static virtual bool AreKept => false;

    static abstract TLanes Evaluate(TLanes value, TLanes max, out TLanes x);

    /// <summary>The same; e is in <paramref name="terms"/>, already or from now on.</summary>
    static abstract TLanes Take(TLanes value, TLanes max, double* terms, out TLanes x);
}

/// <summary>Logits: e = exp(z - max).</summary>
internal readonly unsafe struct LogitTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x)
    {
        x = LaneMath<TLanes>.AtMostExpZero(max - value);
        return LaneMath<TLanes>.ExpUpToZero(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Take(TLanes value, TLanes max, double* terms, out TLanes x)
    {
        TLanes e = Evaluate(value, max, out x);
        TLanes.Store(e, terms);
        return e;
    }
}

/// <summary>Logits whose e are kept.</summary>
internal readonly unsafe struct KeptLogitTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    public static bool AreKept => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x) => LogitTerms<TLanes>.Evaluate(value, max, out x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Take(TLanes value, TLanes max, double* terms, out TLanes x)
    {
        x = LaneMath<TLanes>.AtMostExpZero(max - value);
        return TLanes.Load(terms);
    }
}

/// <summary>Log-probabilities, taken as they are: e is the probability itself. Those above 0 are within the tolerance for the sum, below log 2.</summary>
internal readonly unsafe struct LogProbTerms<TLanes> : IProbabilityTerms<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Evaluate(TLanes value, TLanes max, out TLanes x)
    {
        x = LaneMath<TLanes>.AtMostExpZero(TLanes.Create(0) - value);
        return LaneMath<TLanes>.ExpUpToZero(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Take(TLanes value, TLanes max, double* terms, out TLanes x)
    {
        TLanes e = Evaluate(value, max, out x);
        TLanes.Store(e, terms);
        return e;
    }
}

/// <summary>Probabilities, taken as they are.</summary>
internal readonly unsafe struct ProbTerms<TLanes> : IProbabilityTerms<TLanes>
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
    public static TLanes Take(TLanes value, TLanes max, double* terms, out TLanes x)
    {
        TLanes e = Evaluate(value, max, out x);
        TLanes.Store(e, terms);
        return e;
    }
}
