using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>A register of stored values that are only compared: as many as fit, since no order matters.</summary>
internal unsafe interface ICompareLanes<TSelf, T>
    where TSelf : struct, ICompareLanes<TSelf, T>
    where T : unmanaged
{
    static abstract int Count { get; }

    static abstract TSelf Create(T value);

    static abstract TSelf Load(T* source);

    static abstract void Store(TSelf value, T* target);

    /// <summary><paramref name="candidate"/> where it is above <paramref name="max"/>, which a NaN never is; else <paramref name="max"/>.</summary>
    static abstract TSelf Larger(TSelf candidate, TSelf max);

    /// <summary><paramref name="yes"/> where <paramref name="left"/> is above <paramref name="right"/>, elsewhere <paramref name="no"/>.</summary>
    static abstract TSelf SelectAbove(TSelf left, TSelf right, TSelf yes, TSelf no);

    /// <summary>
    /// The count, and <paramref name="one"/> more where <paramref name="left"/> is above <paramref name="right"/>. The code generator makes a masked addition of it
    /// where it sees both at once.
    /// </summary>
    static abstract TSelf CountAbove(TSelf count, TSelf left, TSelf right, TSelf one);

    /// <summary>The same where <paramref name="left"/> is not below <paramref name="right"/> and neither is NaN.</summary>
    static abstract TSelf CountAtLeast(TSelf count, TSelf left, TSelf right, TSelf one);

    static abstract TSelf Add(TSelf left, TSelf right);

    static abstract bool AnyAbove(TSelf left, TSelf right);

    /// <summary>Stores integers from 0 to 2^22 as such.</summary>
    static abstract void StoreIntegers(TSelf value, int* target);

    /// <summary>The same of the smaller; for types without NaN.</summary>
    static abstract TSelf Smaller(TSelf candidate, TSelf min);

    /// <summary>Of 16-bit integers, all bits but the sign turned over where it is set: from sign and magnitude to two's complement, or back.</summary>
    static abstract TSelf TurnNegative(TSelf value);

    /// <summary>The largest lane, where none is NaN.</summary>
    static abstract T LargestLane(TSelf value);

    /// <summary>The smallest lane, for types without NaN.</summary>
    static abstract T SmallestLane(TSelf value);

    /// <summary>The first lane where they are equal; <see cref="Count"/> or more where none is.</summary>
    static abstract int FirstEqual(TSelf left, TSelf right);

    /// <summary>Whether a value of the four registers equals that of <paramref name="wanted"/> in its lane.</summary>
    static abstract bool AnyEqual(TSelf a, TSelf b, TSelf c, TSelf d, TSelf wanted);
}

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

internal readonly unsafe struct CompareScalar<T>(T value) : ICompareLanes<CompareScalar<T>, T>
    where T : unmanaged, System.Numerics.INumber<T>
{
    private readonly T _value = value;

    public static int Count => 1;

    public static CompareScalar<T> Create(T value) => new(value);

    public static CompareScalar<T> Load(T* source) => new(Unsafe.ReadUnaligned<T>(source));

    public static void Store(CompareScalar<T> value, T* target) => Unsafe.WriteUnaligned(target, value._value);

    public static CompareScalar<T> Larger(CompareScalar<T> candidate, CompareScalar<T> max) =>
        candidate._value > max._value ? candidate : max;

    public static CompareScalar<T> SelectAbove(CompareScalar<T> left, CompareScalar<T> right, CompareScalar<T> yes, CompareScalar<T> no) =>
        left._value > right._value ? yes : no;

    public static CompareScalar<T> CountAbove(CompareScalar<T> count, CompareScalar<T> left, CompareScalar<T> right, CompareScalar<T> one) =>
        left._value > right._value ? Add(count, one) : count;

    public static CompareScalar<T> CountAtLeast(CompareScalar<T> count, CompareScalar<T> left, CompareScalar<T> right, CompareScalar<T> one) =>
        left._value >= right._value ? Add(count, one) : count;

    public static CompareScalar<T> Add(CompareScalar<T> left, CompareScalar<T> right) => new(left._value + right._value);

    public static bool AnyAbove(CompareScalar<T> left, CompareScalar<T> right) => left._value > right._value;

    public static void StoreIntegers(CompareScalar<T> value, int* target) => Unsafe.WriteUnaligned(target, int.CreateTruncating(value._value));

    public static CompareScalar<T> Smaller(CompareScalar<T> candidate, CompareScalar<T> min) =>
        candidate._value < min._value ? candidate : min;

    public static CompareScalar<T> TurnNegative(CompareScalar<T> value) =>
        new(Unsafe.BitCast<short, T>(HalfRange<CompareScalar<short>>.TurnNegative(Unsafe.BitCast<T, short>(value._value))));

    public static T LargestLane(CompareScalar<T> value) => value._value;

    public static T SmallestLane(CompareScalar<T> value) => value._value;

    public static int FirstEqual(CompareScalar<T> left, CompareScalar<T> right) => left._value == right._value ? 0 : 1;

    public static bool AnyEqual(CompareScalar<T> a, CompareScalar<T> b, CompareScalar<T> c, CompareScalar<T> d, CompareScalar<T> wanted) =>
        a._value == wanted._value || b._value == wanted._value || c._value == wanted._value || d._value == wanted._value;
}
