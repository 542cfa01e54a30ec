using System.Numerics;

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
