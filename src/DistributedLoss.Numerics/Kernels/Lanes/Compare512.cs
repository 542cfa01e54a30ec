using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

internal readonly unsafe struct Compare512<T>(Vector512<T> value) : ICompareLanes<Compare512<T>, T>
    where T : unmanaged, INumber<T>
{
    private readonly Vector512<T> _value = value;

    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> Create(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Compare512<T> value, T* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> Larger(Compare512<T> candidate, Compare512<T> max)
    {
        // x64's maximum takes the second operand where the first is not above it: one operation for two.
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            return new(Avx512F.Max(candidate._value.AsSingle(), max._value.AsSingle()).As<float, T>());
        }

        if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            return new(Avx512F.Max(candidate._value.AsDouble(), max._value.AsDouble()).As<double, T>());
        }

        if (typeof(T) == typeof(short))
        {
            return new(Vector512.Max(candidate._value, max._value));
        }

        return new(Vector512.ConditionalSelect(Vector512.GreaterThan(candidate._value, max._value), candidate._value, max._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> SelectAbove(Compare512<T> left, Compare512<T> right, Compare512<T> yes, Compare512<T> no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> CountAbove(Compare512<T> count, Compare512<T> left, Compare512<T> right, Compare512<T> one) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> CountAtLeast(Compare512<T> count, Compare512<T> left, Compare512<T> right, Compare512<T> one) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(left._value, right._value), count._value + one._value, count._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> Add(Compare512<T> left, Compare512<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Compare512<T> left, Compare512<T> right) => Vector512.GreaterThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreIntegers(Compare512<T> value, int* target)
    {
        if (typeof(T) == typeof(float))
        {
            ((value._value.AsSingle() + Vector512.Create(LaneCount.SingleIntegerShift)).AsInt32() & Vector512.Create((1 << 22) - 1)).Store(target);
        }
        else
        {
            Vector512.Narrow((value._value.AsDouble() + Vector512.Create(LaneCount.IntegerShift)).AsInt64(), Vector512<long>.Zero).GetLower().Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> Smaller(Compare512<T> candidate, Compare512<T> min) => new(Vector512.Min(candidate._value, min._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Compare512<T> TurnNegative(Compare512<T> value)
    {
        Vector512<short> bits = value._value.AsInt16();
        return new((bits ^ ((bits >> 15) & Vector512.Create(short.MaxValue))).As<short, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T LargestLane(Compare512<T> value) =>
        Compare256<T>.LargestLane(Compare256<T>.Larger(new(value._value.GetLower()), new(value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SmallestLane(Compare512<T> value) =>
        Compare256<T>.SmallestLane(Compare256<T>.Smaller(new(value._value.GetLower()), new(value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Compare512<T> left, Compare512<T> right) =>
        BitOperations.TrailingZeroCount(Vector512.Equals(left._value, right._value).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyEqual(Compare512<T> a, Compare512<T> b, Compare512<T> c, Compare512<T> d, Compare512<T> wanted) =>
        ((Vector512.Equals(a._value, wanted._value) | Vector512.Equals(b._value, wanted._value))
            | (Vector512.Equals(c._value, wanted._value) | Vector512.Equals(d._value, wanted._value))) != Vector512<T>.Zero;
}
