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

    /// <summary>The first lane where they are equal; <see cref="Count"/> or more where none is.</summary>
    static abstract int FirstEqual(TSelf left, TSelf right);

    /// <summary>Whether a value of the four registers equals that of <paramref name="wanted"/> in its lane.</summary>
    static abstract bool AnyEqual(TSelf a, TSelf b, TSelf c, TSelf d, TSelf wanted);
}

internal readonly unsafe struct Compare512<T>(Vector512<T> value) : ICompareLanes<Compare512<T>, T>
    where T : unmanaged
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

        return new(Vector512.ConditionalSelect(Vector512.GreaterThan(candidate._value, max._value), candidate._value, max._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Compare512<T> left, Compare512<T> right) =>
        BitOperations.TrailingZeroCount(Vector512.Equals(left._value, right._value).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyEqual(Compare512<T> a, Compare512<T> b, Compare512<T> c, Compare512<T> d, Compare512<T> wanted) =>
        ((Vector512.Equals(a._value, wanted._value) | Vector512.Equals(b._value, wanted._value))
            | (Vector512.Equals(c._value, wanted._value) | Vector512.Equals(d._value, wanted._value))) != Vector512<T>.Zero;
}

internal readonly unsafe struct Compare256<T>(Vector256<T> value) : ICompareLanes<Compare256<T>, T>
    where T : unmanaged
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

        return new(Vector256.ConditionalSelect(Vector256.GreaterThan(candidate._value, max._value), candidate._value, max._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Compare256<T> left, Compare256<T> right) =>
        BitOperations.TrailingZeroCount(Vector256.Equals(left._value, right._value).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyEqual(Compare256<T> a, Compare256<T> b, Compare256<T> c, Compare256<T> d, Compare256<T> wanted) =>
        ((Vector256.Equals(a._value, wanted._value) | Vector256.Equals(b._value, wanted._value))
            | (Vector256.Equals(c._value, wanted._value) | Vector256.Equals(d._value, wanted._value))) != Vector256<T>.Zero;
}

internal readonly unsafe struct Compare128<T>(Vector128<T> value) : ICompareLanes<Compare128<T>, T>
    where T : unmanaged
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

        return new(Vector128.ConditionalSelect(Vector128.GreaterThan(candidate._value, max._value), candidate._value, max._value));
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

    public static int FirstEqual(CompareScalar<T> left, CompareScalar<T> right) => left._value == right._value ? 0 : 1;

    public static bool AnyEqual(CompareScalar<T> a, CompareScalar<T> b, CompareScalar<T> c, CompareScalar<T> d, CompareScalar<T> wanted) =>
        a._value == wanted._value || b._value == wanted._value || c._value == wanted._value || d._value == wanted._value;
}
