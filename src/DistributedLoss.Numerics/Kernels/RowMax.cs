using System.Numerics;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Maximum of a row, in the stored type.</summary>
internal static unsafe class RowMax<TCompare, T>
    where TCompare : struct, ICompareLanes<TCompare, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The largest value; -inf if nothing is above it. A NaN is never above anything.</summary>
    public static T Find(T* values, int count)
    {
        TCompare max0 = TCompare.Create(T.NegativeInfinity);
        TCompare max1 = max0;
        TCompare max2 = max0;
        TCompare max3 = max0;
        int i = 0;
        for (; i <= count - (4 * TCompare.Count); i += 4 * TCompare.Count)
        {
            max0 = TCompare.Larger(TCompare.Load(values + i), max0);
            max1 = TCompare.Larger(TCompare.Load(values + i + TCompare.Count), max1);
            max2 = TCompare.Larger(TCompare.Load(values + i + (2 * TCompare.Count)), max2);
            max3 = TCompare.Larger(TCompare.Load(values + i + (3 * TCompare.Count)), max3);
        }

        for (; i <= count - TCompare.Count; i += TCompare.Count)
        {
            max0 = TCompare.Larger(TCompare.Load(values + i), max0);
        }

        if (i < count && count >= TCompare.Count)
        {
            // Some values twice, which changes nothing.
            max1 = TCompare.Larger(TCompare.Load(values + count - TCompare.Count), max1);
            i = count;
        }

        T max = TCompare.LargestLane(TCompare.Larger(TCompare.Larger(max0, max1), TCompare.Larger(max2, max3)));
        for (; i < count; i++)
        {
            max = values[i] > max ? values[i] : max;
        }

        return max;
    }
}
