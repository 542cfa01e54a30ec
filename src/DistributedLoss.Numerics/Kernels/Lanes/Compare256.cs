using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

internal readonly unsafe struct Compare256<T>(Vector256<T> value) : ICompareLanes<Compare256<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly Vector256<T> _value = value;

    public static int Count => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> Create(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Compare256<T> value, T* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> Larger(Compare256<T> candidate, Compare256<T> max)
    {
        // x64's maximum takes the second operand where the first is not above it: one operation for two.
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            return new(Avx.Max(candidate._value.AsSingle(), max._value.AsSingle()).As<float, T>());
        }

        if (typeof(T) == typeof(double) && Avx.IsSupported)
        {
            return new(Avx.Max(candidate._value.AsDouble(), max._value.AsDouble()).As<double, T>());
        }

        if (typeof(T) == typeof(short))
        {
            return new(Vector256.Max(candidate._value, max._value));
        }

        return new(Vector256.ConditionalSelect(Vector256.GreaterThan(candidate._value, max._value), candidate._value, max._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> SelectAbove(Compare256<T> left, Compare256<T> right, Compare256<T> yes, Compare256<T> no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> CountAbove(Compare256<T> count, Compare256<T> left, Compare256<T> right, Compare256<T> one) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> CountAtLeast(Compare256<T> count, Compare256<T> left, Compare256<T> right, Compare256<T> one) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> Add(Compare256<T> left, Compare256<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Compare256<T> left, Compare256<T> right) => Vector256.GreaterThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Compare256<T> value, int* target)
    {
        if (typeof(T) == typeof(float))
        {
            ((value._value.AsSingle() + Vector256.Create(LaneCount.SingleIntegerShift)).AsInt32() & Vector256.Create((1 << 22) - 1)).Store(target);
        }
        else
        {
            Vector256.Narrow((value._value.AsDouble() + Vector256.Create(LaneCount.IntegerShift)).AsInt64(), Vector256<long>.Zero).GetLower().Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> Smaller(Compare256<T> candidate, Compare256<T> min) => new(Vector256.Min(candidate._value, min._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare256<T> TurnNegative(Compare256<T> value)
    {
        Vector256<short> bits = value._value.AsInt16();
        return new((bits ^ ((bits >> 15) & Vector256.Create(short.MaxValue))).As<short, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T LargestLane(Compare256<T> value) =>
        Compare128<T>.LargestLane(Compare128<T>.Larger(new(value._value.GetLower()), new(value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SmallestLane(Compare256<T> value) =>
        Compare128<T>.SmallestLane(Compare128<T>.Smaller(new(value._value.GetLower()), new(value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Compare256<T> left, Compare256<T> right) =>
        BitOperations.TrailingZeroCount(Vector256.Equals(left._value, right._value).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyEqual(Compare256<T> a, Compare256<T> b, Compare256<T> c, Compare256<T> d, Compare256<T> wanted) =>
        ((Vector256.Equals(a._value, wanted._value) | Vector256.Equals(b._value, wanted._value))
            | (Vector256.Equals(c._value, wanted._value) | Vector256.Equals(d._value, wanted._value))) != Vector256<T>.Zero;
}
