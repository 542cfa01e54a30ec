using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>One lane: plain float64 arithmetic, the reference for every register width.</summary>
internal readonly unsafe struct ScalarLane(double value) : ILanes<ScalarLane>
{
    private readonly double _value = value;

    public static int Count => 1;

    private ulong Bits => BitConverter.DoubleToUInt64Bits(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Create(double value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Load(double* source) => new(Unsafe.ReadUnaligned<double>(source));

    // x64's scalar conversion keeps the upper half of its target register and so waits for the last step's result, five times slower.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Load(float* source) =>
        new(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<float>(source))).ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane LoadFloat16(ushort* source) => new(HalfWidening.Float16(Unsafe.ReadUnaligned<ushort>(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane LoadBFloat16(ushort* source) => new(HalfWidening.BFloat16(Unsafe.ReadUnaligned<ushort>(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane LoadInt16(short* source) =>
        FromBits((ulong)(long)Unsafe.ReadUnaligned<short>(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ScalarLane value, double* target) => Unsafe.WriteUnaligned(target, value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(ScalarLane value, int* target) => Unsafe.WriteUnaligned(target, (int)value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator +(ScalarLane left, ScalarLane right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator -(ScalarLane left, ScalarLane right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator *(ScalarLane left, ScalarLane right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator /(ScalarLane left, ScalarLane right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Fma(ScalarLane left, ScalarLane right, ScalarLane addend) =>
        new(Math.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Min(ScalarLane left, ScalarLane right) => left._value < right._value ? left : right;

    public static bool CanScale => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Scale(ScalarLane value, ScalarLane exponent) => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane AddBits(ScalarLane left, ScalarLane right) => FromBits(unchecked(left.Bits + right.Bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane MaxBits(ScalarLane left, ScalarLane right) => left.Bits > right.Bits ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane ShiftBitsLeft(ScalarLane value, [ConstantExpected] int count) => FromBits(value.Bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane ShiftBitsRight(ScalarLane value, [ConstantExpected] int count) => FromBits(value.Bits >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane And(ScalarLane left, ScalarLane right) => FromBits(left.Bits & right.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Or(ScalarLane left, ScalarLane right) => FromBits(left.Bits | right.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane GreaterThan(ScalarLane left, ScalarLane right) => Mask(left._value > right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Equal(ScalarLane left, ScalarLane right) => Mask(left._value == right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane SelectAbove(ScalarLane left, ScalarLane right, ScalarLane yes, ScalarLane no) =>
        left._value > right._value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane SelectEqual(ScalarLane left, ScalarLane right, ScalarLane yes, ScalarLane no) =>
        left._value == right._value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(ScalarLane mask) => mask.Bits != 0;

    public static T Max<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T> => RowMax<CompareScalar<T>, T>.Find(values, count);

    public static int IndexOf<T>(T* values, int count, T value)
        where T : unmanaged, INumber<T> => RowIndex<CompareScalar<T>, T>.IndexOf(values, count, value);

    public static (short Largest, short Smallest) RangeOfHalves(short* values, int count) => HalfRange<CompareScalar<short>>.Range(values, count);

    public static bool Order<T>(T** columns, nint first, int classes, T* labelLogits, in GroupOutputs<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T> => GroupOrder<CompareScalar<T>, T>.Find(columns, first, classes, BlockSum<ScalarLane>.Rows, labelLogits, outputs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ScalarLane Mask(bool set) => FromBits(set ? ulong.MaxValue : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ScalarLane FromBits(ulong bits) => new(BitConverter.UInt64BitsToDouble(bits));
}
