using System.Numerics;
using System.Runtime.CompilerServices;

namespace DistributedLoss.Numerics.Kernels.Lanes;

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
