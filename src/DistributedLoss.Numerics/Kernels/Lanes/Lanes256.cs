using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>4 lanes in one 256-bit register.</summary>
internal readonly unsafe struct Lanes256(Vector256<double> value) : ILanes<Lanes256>
{
    private readonly Vector256<double> _value = value;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(double* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Widen(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadFloat16(ushort* source) => new(Widen(HalfWidening.Float16(HalfWidening.LoadFour(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBFloat16(ushort* source) => new(Widen(HalfWidening.BFloat16(HalfWidening.LoadFour(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadInt16(short* source) => Avx2.IsSupported
        ? new(Avx2.ConvertToVector256Int64(source).AsDouble())
        : new(Vector256.WidenLower(Vector256.WidenLower(Vector256.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsInt16())).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, double* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Lanes256 value, int* target) =>
        Vector256.Narrow((value._value + Vector256.Create(LaneCount.IntegerShift)).AsInt64(), Vector256<long>.Zero).GetLower().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Fma(Lanes256 left, Lanes256 right, Lanes256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 left, Lanes256 right) => Avx.IsSupported
        ? new(Avx.Min(left._value, right._value))
        : new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), left._value, right._value));

    public static bool CanScale => Avx512F.VL.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Scale(Lanes256 value, Lanes256 exponent) => new(Avx512F.VL.Scale(value._value, exponent._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddBits(Lanes256 left, Lanes256 right) =>
        new((left._value.AsInt64() + right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MaxBits(Lanes256 left, Lanes256 right) =>
        new(Vector256.Max(left._value.AsUInt64(), right._value.AsUInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftBitsLeft(Lanes256 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftBitsRight(Lanes256 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() >> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 And(Lanes256 left, Lanes256 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Or(Lanes256 left, Lanes256 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThan(Lanes256 left, Lanes256 right) => new(Vector256.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Equal(Lanes256 left, Lanes256 right) => new(Vector256.Equals(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectAbove(Lanes256 left, Lanes256 right, Lanes256 yes, Lanes256 no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectEqual(Lanes256 left, Lanes256 right, Lanes256 yes, Lanes256 no) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Lanes256 mask) => mask._value.AsUInt64() != Vector256<ulong>.Zero;

    public static T Max<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T> => RowMax<Compare256<T>, T>.Find(values, count);

    public static int IndexOf<T>(T* values, int count, T value)
        where T : unmanaged, INumber<T> => RowIndex<Compare256<T>, T>.IndexOf(values, count, value);

    public static (short Largest, short Smallest) RangeOfHalves(short* values, int count) => HalfRange<Compare256<short>>.Range(values, count);

    public static bool Order<T>(T** columns, nint first, int classes, T* labelLogits, in GroupOutputs<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T> => GroupOrder<Compare256<T>, T>.Find(columns, first, classes, BlockSum<Lanes256>.Rows, labelLogits, outputs);

    // The direct instruction takes its operand from memory, which WidenLower's does not: a shuffle less per load.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Widen(Vector128<float> values) => Avx.IsSupported
        ? Avx.ConvertToVector256Double(values)
        : Vector256.WidenLower(values.ToVector256Unsafe());
}
