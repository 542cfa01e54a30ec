using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>Twice the lanes of <typeparamref name="T"/>, in two of it: how narrow registers make up the logical lanes.</summary>
internal readonly unsafe struct Pair<T>(T low, T high) : ILanes<Pair<T>>
    where T : unmanaged, ILanes<T>
{
    private readonly T _low = low;
    private readonly T _high = high;

    public static int Count => 2 * T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Create(double value) => new(T.Create(value), T.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Load(double* source) => new(T.Load(source), T.Load(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Load(float* source) => new(T.Load(source), T.Load(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> LoadFloat16(ushort* source) => new(T.LoadFloat16(source), T.LoadFloat16(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> LoadBFloat16(ushort* source) => new(T.LoadBFloat16(source), T.LoadBFloat16(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pair<T> value, double* target)
    {
        T.Store(value._low, target);
        T.Store(value._high, target + T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator +(Pair<T> left, Pair<T> right) => new(left._low + right._low, left._high + right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator -(Pair<T> left, Pair<T> right) => new(left._low - right._low, left._high - right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator *(Pair<T> left, Pair<T> right) => new(left._low * right._low, left._high * right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator /(Pair<T> left, Pair<T> right) => new(left._low / right._low, left._high / right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Fma(Pair<T> left, Pair<T> right, Pair<T> addend) =>
        new(T.Fma(left._low, right._low, addend._low), T.Fma(left._high, right._high, addend._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> AddBits(Pair<T> left, Pair<T> right) =>
        new(T.AddBits(left._low, right._low), T.AddBits(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> ShiftBitsLeft(Pair<T> value, [ConstantExpected] int count) =>
        new(T.ShiftBitsLeft(value._low, count), T.ShiftBitsLeft(value._high, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> ShiftBitsRight(Pair<T> value, [ConstantExpected] int count) =>
        new(T.ShiftBitsRight(value._low, count), T.ShiftBitsRight(value._high, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> And(Pair<T> left, Pair<T> right) => new(T.And(left._low, right._low), T.And(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Or(Pair<T> left, Pair<T> right) => new(T.Or(left._low, right._low), T.Or(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> GreaterThan(Pair<T> left, Pair<T> right) =>
        new(T.GreaterThan(left._low, right._low), T.GreaterThan(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Equal(Pair<T> left, Pair<T> right) => new(T.Equal(left._low, right._low), T.Equal(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Select(Pair<T> mask, Pair<T> yes, Pair<T> no) =>
        new(T.Select(mask._low, yes._low, no._low), T.Select(mask._high, yes._high, no._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Pair<T> mask) => T.Any(T.Or(mask._low, mask._high));
}
