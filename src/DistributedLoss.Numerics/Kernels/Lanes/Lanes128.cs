using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>2 lanes in one 128-bit register.</summary>
internal readonly unsafe struct Lanes128(Vector128<double> value) : ILanes<Lanes128>
{
    private readonly Vector128<double> _value = value;

    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create(double value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(double* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadFloat16(ushort* source) => new(Vector128.WidenLower(HalfWidening.Float16(HalfWidening.LoadTwo(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBFloat16(ushort* source) => new(Vector128.WidenLower(HalfWidening.BFloat16(HalfWidening.LoadTwo(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadInt16(short* source) => Sse41.IsSupported
        ? new(Sse41.ConvertToVector128Int64(source).AsDouble())
        : new(Vector128.Create((long)source[0], source[1]).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, double* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Lanes128 value, int* target) =>
        Vector128.Narrow((value._value + Vector128.Create(LaneCount.IntegerShift)).AsInt64(), Vector128<long>.Zero).GetLower().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 left, Lanes128 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 left, Lanes128 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 left, Lanes128 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 left, Lanes128 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Fma(Lanes128 left, Lanes128 right, Lanes128 addend) =>
        new(Vector128.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 left, Lanes128 right) => Sse2.IsSupported
        ? new(Sse2.Min(left._value, right._value))
        : new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), left._value, right._value));

    public static bool CanScale => Avx512F.VL.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Scale(Lanes128 value, Lanes128 exponent) => new(Avx512F.VL.Scale(value._value, exponent._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddBits(Lanes128 left, Lanes128 right) =>
        new((left._value.AsInt64() + right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MaxBits(Lanes128 left, Lanes128 right) =>
        new(Vector128.Max(left._value.AsUInt64(), right._value.AsUInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftBitsLeft(Lanes128 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftBitsRight(Lanes128 value, [ConstantExpected] int count) =>
        new((value._value.AsUInt64() >> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 And(Lanes128 left, Lanes128 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Or(Lanes128 left, Lanes128 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 GreaterThan(Lanes128 left, Lanes128 right) => new(Vector128.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Equal(Lanes128 left, Lanes128 right) => new(Vector128.Equals(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectAbove(Lanes128 left, Lanes128 right, Lanes128 yes, Lanes128 no) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectEqual(Lanes128 left, Lanes128 right, Lanes128 yes, Lanes128 no) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Lanes128 mask) => mask._value.AsUInt64() != Vector128<ulong>.Zero;

    public static T Max<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T> => RowMax<Compare128<T>, T>.Find(values, count);

    public static int IndexOf<T>(T* values, int count, T value)
        where T : unmanaged, INumber<T> => RowIndex<Compare128<T>, T>.IndexOf(values, count, value);

    public static bool Order<T>(T** columns, nint first, int classes, T* labelLogits, in GroupOutputs<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T> => GroupOrder<Compare128<T>, T>.Find(columns, first, classes, BlockSum<Lanes128>.Rows, labelLogits, outputs);

    public static (short Largest, short Smallest) RangeOfHalves(short* values, int count) => HalfRange<Compare128<short>>.Range(values, count);
}
