using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>8 lanes in one 512-bit register.</summary>
internal readonly unsafe struct Lanes512(Vector512<double> value) : ILanes<Lanes512>
{
    private readonly Vector512<double> _value = value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Create(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(double* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Widen(Vector256.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadFloat16(ushort* source) =>
        new(Widen(HalfWidening.Float16(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBFloat16(ushort* source) =>
        new(Widen(HalfWidening.BFloat16(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadInt16(short* source) => Avx512F.IsSupported
        ? new(Avx512F.ConvertToVector512Int64(Vector128.Load(source)).AsDouble())
        : new(Vector512.WidenLower(Vector512.WidenLower(Vector128.Load(source).ToVector256Unsafe().ToVector512Unsafe())).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 value, double* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Lanes512 value, int* target) =>
        Vector512.Narrow((value._value + Vector512.Create(LaneCount.IntegerShift)).AsInt64(), Vector512<long>.Zero).GetLower().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 left, Lanes512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 left, Lanes512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 left, Lanes512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 left, Lanes512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Fma(Lanes512 left, Lanes512 right, Lanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 left, Lanes512 right) => Avx512F.IsSupported
        ? new(Avx512F.Min(left._value, right._value))
        : new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), left._value, right._value));

    public static bool CanScale => Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Scale(Lanes512 value, Lanes512 exponent) => new(Avx512F.Scale(value._value, exponent._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddBits(Lanes512 left, Lanes512 right) =>
        new((left._value.AsInt64() + right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MaxBits(Lanes512 left, Lanes512 right) =>
        new(Vector512.Max(left._value.AsUInt64(), right._value.AsUInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftBitsLeft(Lanes512 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftBitsRight(Lanes512 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() >> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 And(Lanes512 left, Lanes512 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Or(Lanes512 left, Lanes512 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterThan(Lanes512 left, Lanes512 right) => new(Vector512.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Equal(Lanes512 left, Lanes512 right) => new(Vector512.Equals(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectAbove(Lanes512 left, Lanes512 right, Lanes512 yes, Lanes512 no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectEqual(Lanes512 left, Lanes512 right, Lanes512 yes, Lanes512 no) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Lanes512 mask) => mask._value.AsUInt64() != Vector512<ulong>.Zero;

    public static T Max<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T> => RowMax<Compare512<T>, T>.Find(values, count);

    public static int IndexOf<T>(T* values, int count, T value)
        where T : unmanaged, INumber<T> => RowIndex<Compare512<T>, T>.IndexOf(values, count, value);

    public static (short Largest, short Smallest) RangeOfHalves(short* values, int count) => HalfRange<Compare512<short>>.Range(values, count);

    public static bool Order<T>(T** columns, nint first, int classes, T* labelLogits, in GroupOutputs<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T> => GroupOrder<Compare512<T>, T>.Find(columns, first, classes, BlockSum<Lanes512>.Rows, labelLogits, outputs);

    // The direct instruction takes its operand from memory, which WidenLower's does not: a shuffle less per load.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(Vector256<float> values) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Double(values)
        : Vector512.WidenLower(values.ToVector512Unsafe());
}
