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

    /// <summary>The largest logit; -inf if nothing is above it. A NaN is never above anything.</summary>
    static abstract double Max<TLanes>(TRaw* logits, int classes)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The first of the leading <paramref name="classes"/> logits that equals the value, 0 if none does.</summary>
    static abstract int IndexOf<TLanes>(TRaw* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes>;
}

internal readonly unsafe struct Float16Logit : ILogit<ushort>
{
    public static double Widen(ushort raw) => HalfWidening.Float16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadFloat16(source);

    public static double Max<TLanes>(ushort* logits, int classes)
        where TLanes : unmanaged, ILanes<TLanes> => RowScan<TLanes, Float16Logit, ushort>.Max(logits, classes);

    public static int IndexOf<TLanes>(ushort* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => RowScan<TLanes, Float16Logit, ushort>.IndexOf(logits, classes, value);
}

internal readonly unsafe struct BFloat16Logit : ILogit<ushort>
{
    public static double Widen(ushort raw) => HalfWidening.BFloat16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadBFloat16(source);

    public static double Max<TLanes>(ushort* logits, int classes)
        where TLanes : unmanaged, ILanes<TLanes> => RowScan<TLanes, BFloat16Logit, ushort>.Max(logits, classes);

    public static int IndexOf<TLanes>(ushort* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => RowScan<TLanes, BFloat16Logit, ushort>.IndexOf(logits, classes, value);
}

internal readonly unsafe struct Float32Logit : ILogit<float>
{
    public static double Widen(float raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(float* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);

    public static double Max<TLanes>(float* logits, int classes)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Max(logits, classes);

    public static int IndexOf<TLanes>(float* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.IndexOf(logits, classes, (float)value);
}

internal readonly unsafe struct Float64Logit : ILogit<double>
{
    public static double Widen(double raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(double* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);

    public static double Max<TLanes>(double* logits, int classes)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Max(logits, classes);

    public static int IndexOf<TLanes>(double* logits, int classes, double value)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.IndexOf(logits, classes, value);
}
