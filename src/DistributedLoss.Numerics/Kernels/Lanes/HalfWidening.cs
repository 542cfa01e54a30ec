using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>
/// Exact widening of 16-bit floats, zero-extended to 32 bits, to float32. bfloat16 is the upper half of a float32.
/// A float16's exponent and mantissa, moved to a float32's place, stand for 2^-112 of its value, subnormals included;
/// the product with 2^112 is exact. An exponent of 31 then comes out as at least 2^16: those get the exponent of infinity,
/// and keep their mantissa, so that a NaN stays one.
/// </summary>
internal static unsafe class HalfWidening
{
    private const uint Sign = 0x8000;
    private const uint Magnitude = 0x7fff;
    private const uint Largest = 0x7bff;
    private const uint InfinityBits = 0x7f800000;
    private const float Rebias = 5.192296858534828e33f; // 2^112

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BFloat16(Vector256<uint> bits) => (bits << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BFloat16(Vector128<uint> bits) => (bits << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Float16(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = bits & Vector256.Create(Magnitude);
        Vector256<uint> value = ((magnitude << 13).AsSingle() * Vector256.Create(Rebias)).AsUInt32();
        Vector256<uint> special = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)Largest)).AsUInt32();
        return (value | (special & Vector256.Create(InfinityBits)) | ((bits & Vector256.Create(Sign)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Float16(Vector128<uint> bits)
    {
        Vector128<uint> magnitude = bits & Vector128.Create(Magnitude);
        Vector128<uint> value = ((magnitude << 13).AsSingle() * Vector128.Create(Rebias)).AsUInt32();
        Vector128<uint> special = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create((int)Largest)).AsUInt32();
        return (value | (special & Vector128.Create(InfinityBits)) | ((bits & Vector128.Create(Sign)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Float16(ushort bits)
    {
        uint magnitude = bits & Magnitude;
        uint value = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude << 13) * Rebias);
        return BitConverter.UInt32BitsToSingle(value | (magnitude > Largest ? InfinityBits : 0) | ((bits & Sign) << 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LoadFour(ushort* source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LoadTwo(ushort* source) =>
        Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(source)).AsUInt16());
}
