using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>How far stored logits are below a maximum.</summary>
internal unsafe interface IGap<TRaw>
    where TRaw : unmanaged
{
    /// <summary>max - z, rounded once.</summary>
    static abstract TLanes Load<TLanes>(TRaw* source, TLanes max)
        where TLanes : unmanaged, ILanes<TLanes>;
}

internal readonly unsafe struct AnyGap<TLogit, TRaw> : IGap<TRaw>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(TRaw* source, TLanes max)
        where TLanes : unmanaged, ILanes<TLanes> => max - TLogit.Load<TLanes>(source);
}

/// <summary>
/// Of float16 without NaN and infinities: exponent and mantissa, moved to a float64's place, stand for 2^-1008 of the value, subnormals
/// included; the sign is extended to where a float64 has it. The product with 2^1008 is exact, and rides in the subtraction.
/// </summary>
internal readonly unsafe struct FiniteFloat16 : IGap<ushort>
{
    private const ulong Kept = 0x81fffc0000000000;
    private const double MinusRebias = -2.7430620343968443e303; // -2^1008

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(ushort* source, TLanes max)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes bits = TLanes.ShiftBitsLeft(TLanes.LoadInt16((short*)source), 42);
        return TLanes.Fma(TLanes.And(bits, TLanes.Create(BitConverter.UInt64BitsToDouble(Kept))), TLanes.Create(MinusRebias), max);
    }
}
