using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

internal readonly unsafe struct Compare128<T>(Vector128<T> value) : ICompareLanes<Compare128<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly Vector128<T> _value = value;

    public static int Count => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> Create(T value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> Load(T* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Compare128<T> value, T* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> Larger(Compare128<T> candidate, Compare128<T> max)
    {
        // x64's maximum takes the second operand where the first is not above it: one operation for two.
        if (typeof(T) == typeof(float) && Sse.IsSupported)
        {
            return new(Sse.Max(candidate._value.AsSingle(), max._value.AsSingle()).As<float, T>());
        }

        if (typeof(T) == typeof(double) && Sse2.IsSupported)
        {
            return new(Sse2.Max(candidate._value.AsDouble(), max._value.AsDouble()).As<double, T>());
        }

        if (typeof(T) == typeof(short))
        {
            return new(Vector128.Max(candidate._value, max._value));
        }

        return new(Vector128.ConditionalSelect(Vector128.GreaterThan(candidate._value, max._value), candidate._value, max._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> SelectAbove(Compare128<T> left, Compare128<T> right, Compare128<T> yes, Compare128<T> no) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> CountAbove(Compare128<T> count, Compare128<T> left, Compare128<T> right, Compare128<T> one) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> CountAtLeast(Compare128<T> count, Compare128<T> left, Compare128<T> right, Compare128<T> one) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> Add(Compare128<T> left, Compare128<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Compare128<T> left, Compare128<T> right) => Vector128.GreaterThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Compare128<T> value, int* target)
    {
        if (typeof(T) == typeof(float))
        {
            ((value._value.AsSingle() + Vector128.Create(LaneCount.SingleIntegerShift)).AsInt32() & Vector128.Create((1 << 22) - 1)).Store(target);
        }
        else
        {
            Vector128.Narrow((value._value.AsDouble() + Vector128.Create(LaneCount.IntegerShift)).AsInt64(), Vector128<long>.Zero).GetLower().Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> Smaller(Compare128<T> candidate, Compare128<T> min) => new(Vector128.Min(candidate._value, min._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare128<T> TurnNegative(Compare128<T> value)
    {
        Vector128<short> bits = value._value.AsInt16();
        return new((bits ^ ((bits >> 15) & Vector128.Create(short.MaxValue))).As<short, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T LargestLane(Compare128<T> value)
    {
        T largest = value._value[0];
        for (int lane = 1; lane < Count; lane++)
        {
            largest = value._value[lane] > largest ? value._value[lane] : largest;
        }

        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SmallestLane(Compare128<T> value)
    {
        T smallest = value._value[0];
        for (int lane = 1; lane < Count; lane++)
        {
            smallest = value._value[lane] < smallest ? value._value[lane] : smallest;
        }

        return smallest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Compare128<T> left, Compare128<T> right) =>
        BitOperations.TrailingZeroCount(Vector128.Equals(left._value, right._value).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyEqual(Compare128<T> a, Compare128<T> b, Compare128<T> c, Compare128<T> d, Compare128<T> wanted) =>
        ((Vector128.Equals(a._value, wanted._value) | Vector128.Equals(b._value, wanted._value))
            | (Vector128.Equals(c._value, wanted._value) | Vector128.Equals(d._value, wanted._value))) != Vector128<T>.Zero;
}
