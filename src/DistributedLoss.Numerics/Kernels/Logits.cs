using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>A stored logit type: how <typeparamref name="TRaw"/> widens to float64, exactly.</summary>
internal unsafe interface ILogit<TRaw>
    where TRaw : unmanaged
{
    static abstract double Widen(TRaw raw);

    static abstract TLanes Load<TLanes>(TRaw* source)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The largest logit; -inf if nothing is above it. A NaN is never above anything, or it is the result.</summary>
    /// <param name="areFinite">If it is set, they are.</param>
    static abstract double Max<TLanes>(TRaw* logits, int classes, out bool areFinite)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The first of the leading <paramref name="classes"/> logits that equals the value, 0 if none does.</summary>
    static abstract int IndexOf<TLanes>(TRaw* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <inheritdoc cref="RowExps{TLanes, TGap, TRaw}.Sum"/>
    static abstract void SumExps<TLanes>(TRaw* logits, int classes, TRaw* end, TRaw* tail, int left, double max, bool areFinite, nint ahead, double* sums)
        where TLanes : unmanaged, ILanes<TLanes>;
}

internal readonly unsafe struct Float16Logit : ILogit<ushort>
{
    private const short InfinityBits = 0x7c00;

    public static double Widen(ushort raw) => HalfWidening.Float16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadFloat16(source);

    public static double Max<TLanes>(ushort* logits, int classes, out bool areFinite)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        (short largest, short smallest) = TLanes.RangeOfHalves((short*)logits, classes);
        areFinite = largest < InfinityBits && smallest > ~InfinityBits;
        return Widen((ushort)HalfRange<CompareScalar<short>>.TurnNegative(largest));
    }

    // Two zeros are one value.
    public static int IndexOf<TLanes>(ushort* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => value == 0
            ? RowScan<TLanes, Float16Logit, ushort>.IndexOf(logits, classes, value)
            : TLanes.IndexOf((short*)logits, classes, BitConverter.HalfToInt16Bits((Half)value));

    public static void SumExps<TLanes>(ushort* logits, int classes, ushort* end, ushort* tail, int left, double max, bool areFinite, nint ahead, double* sums)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (areFinite)
        {
            RowExps<TLanes, FiniteFloat16, ushort>.Sum(logits, classes, end, tail, left, max, ahead, sums);
        }
        else
        {
            RowExps<TLanes, AnyGap<Float16Logit, ushort>, ushort>.Sum(logits, classes, end, tail, left, max, ahead, sums);
        }
    }
}

internal readonly unsafe struct BFloat16Logit : ILogit<ushort>
{
    public static double Widen(ushort raw) => HalfWidening.BFloat16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadBFloat16(source);

    public static double Max<TLanes>(ushort* logits, int classes, out bool areFinite)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        (short largest, short smallest) = TLanes.RangeOfHalves((short*)logits, classes);
        areFinite = false;
        return Widen((ushort)HalfRange<CompareScalar<short>>.TurnNegative(largest));
    }

    // Two zeros are one value.
    public static int IndexOf<TLanes>(ushort* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => value == 0
            ? RowScan<TLanes, BFloat16Logit, ushort>.IndexOf(logits, classes, value)
            : TLanes.IndexOf((short*)logits, classes, (short)(BitConverter.SingleToInt32Bits((float)value) >> 16));

    public static void SumExps<TLanes>(ushort* logits, int classes, ushort* end, ushort* tail, int left, double max, bool areFinite, nint ahead, double* sums)
        where TLanes : unmanaged, ILanes<TLanes> => RowExps<TLanes, AnyGap<BFloat16Logit, ushort>, ushort>.Sum(logits, classes, end, tail, left, max, ahead, sums);
}

internal readonly unsafe struct Float32Logit : ILogit<float>
{
    public static double Widen(float raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(float* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);

    public static double Max<TLanes>(float* logits, int classes, out bool areFinite)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        areFinite = false;
        return TLanes.Max(logits, classes);
    }

    public static int IndexOf<TLanes>(float* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.IndexOf(logits, classes, (float)value);

    public static void SumExps<TLanes>(float* logits, int classes, float* end, float* tail, int left, double max, bool areFinite, nint ahead, double* sums)
        where TLanes : unmanaged, ILanes<TLanes> => RowExps<TLanes, AnyGap<Float32Logit, float>, float>.Sum(logits, classes, end, tail, left, max, ahead, sums);
}

internal readonly unsafe struct Float64Logit : ILogit<double>
{
    public static double Widen(double raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(double* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);

    public static double Max<TLanes>(double* logits, int classes, out bool areFinite)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        areFinite = false;
        return TLanes.Max(logits, classes);
    }

    public static int IndexOf<TLanes>(double* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.IndexOf(logits, classes, value);

    public static void SumExps<TLanes>(double* logits, int classes, double* end, double* tail, int left, double max, bool areFinite, nint ahead, double* sums)
        where TLanes : unmanaged, ILanes<TLanes> => RowExps<TLanes, AnyGap<Float64Logit, double>, double>.Sum(logits, classes, end, tail, left, max, ahead, sums);
}
