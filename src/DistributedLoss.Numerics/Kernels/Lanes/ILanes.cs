using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace DistributedLoss.Numerics.Kernels.Lanes;

/// <summary>
/// One register of float64 lanes: 1, 2, 4 or 8. The kernels are written once over it; <see cref="Count"/> divides
/// <see cref="LaneCount.Logical"/>, the lanes of the algorithm, and only decides how many steps they take. Every operation is lane
/// by lane and correctly rounded, so no width, and no neighbouring lane, can change a bit. Comparisons give masks: all bits of a
/// lane set, or none.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Create(double value);

    static abstract TSelf Load(double* source);

    static abstract TSelf Load(float* source);

    static abstract TSelf LoadFloat16(ushort* source);

    static abstract TSelf LoadBFloat16(ushort* source);

    /// <summary>Integers of 16 bits, as bit patterns of 64.</summary>
    static abstract TSelf LoadInt16(short* source);

    static abstract void Store(TSelf value, double* target);

    /// <summary>Stores integers of magnitude below 2^31 as such.</summary>
    static abstract void StoreIntegers(TSelf value, int* target);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left * right + addend, rounded once.</summary>
    static abstract TSelf Fma(TSelf left, TSelf right, TSelf addend);

    /// <summary>The smaller; the second where they are equal or one is NaN.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>Whether <see cref="Scale"/> is one operation on this CPU; else it is of no use.</summary>
    static abstract bool CanScale { get; }

    /// <summary>value * 2^exponent, rounded once, of a whole exponent; NaN if either is.</summary>
    static abstract TSelf Scale(TSelf value, TSelf exponent);

    /// <summary>Sum of the bit patterns as 64-bit integers, wrapping.</summary>
    static abstract TSelf AddBits(TSelf left, TSelf right);

    /// <summary>The larger bit pattern as an unsigned 64-bit integer: any NaN is larger than any number from +0.0 on.</summary>
    static abstract TSelf MaxBits(TSelf left, TSelf right);

    static abstract TSelf ShiftBitsLeft(TSelf value, [ConstantExpected] int count);

    static abstract TSelf ShiftBitsRight(TSelf value, [ConstantExpected] int count);

    static abstract TSelf And(TSelf left, TSelf right);

    static abstract TSelf Or(TSelf left, TSelf right);

    static abstract TSelf GreaterThan(TSelf left, TSelf right);

    static abstract TSelf Equal(TSelf left, TSelf right);

    /// <summary>
    /// <paramref name="yes"/> where <paramref name="left"/> is above <paramref name="right"/>, elsewhere <paramref name="no"/>. One
    /// operation, because the code generator fuses comparison and selection only where it sees both at once.
    /// </summary>
    static abstract TSelf SelectAbove(TSelf left, TSelf right, TSelf yes, TSelf no);

    /// <inheritdoc cref="SelectAbove"/>
    static abstract TSelf SelectEqual(TSelf left, TSelf right, TSelf yes, TSelf no);

    static abstract bool Any(TSelf mask);

    /// <inheritdoc cref="RowMax{TCompare, T}.Find"/>
    static abstract T Max<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <inheritdoc cref="RowIndex{TCompare, T}.IndexOf"/>
    static abstract int IndexOf<T>(T* values, int count, T value)
        where T : unmanaged, INumber<T>;

    /// <inheritdoc cref="GroupOrder{TCompare, T}.Find"/>
    static abstract bool Order<T>(T** columns, nint first, int classes, T* labelLogits, in GroupOutputs<T> outputs)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <inheritdoc cref="HalfRange{TCompare}.Range"/>
    static abstract (short Largest, short Smallest) RangeOfHalves(short* values, int count);
}

internal static class LaneCount
{
    /// <summary>Lanes of the algorithm, whatever the width of a register.</summary>
    public const int Logical = 8;

    /// <summary>1.5 x 2^52: a small integer added to it stands in the sum's low bits.</summary>
    public const double IntegerShift = 6755399441055744;

    /// <summary>1.5 x 2^23, which does the same for float32.</summary>
    public const float SingleIntegerShift = 12582912;
}
