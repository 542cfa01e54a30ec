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
}

internal readonly unsafe struct Float16Logit : ILogit<ushort>
{
    public static double Widen(ushort raw) => HalfWidening.Float16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadFloat16(source);
}

internal readonly unsafe struct BFloat16Logit : ILogit<ushort>
{
    public static double Widen(ushort raw) => HalfWidening.BFloat16(raw);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadBFloat16(source);
}

internal readonly unsafe struct Float32Logit : ILogit<float>
{
    public static double Widen(float raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(float* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);
}

internal readonly unsafe struct Float64Logit : ILogit<double>
{
    public static double Widen(double raw) => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(double* source)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(source);
}
