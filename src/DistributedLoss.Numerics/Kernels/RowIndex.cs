using System.Numerics;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Where a value first stands in a row, in the stored type.</summary>
internal static unsafe class RowIndex<TCompare, T>
    where TCompare : struct, ICompareLanes<TCompare, T>
    where T : unmanaged, INumber<T>
{
    /// <summary>The first of the values that equals this one, 0 if none does.</summary>
    public static int IndexOf(T* values, int count, T value)
    {
        TCompare wanted = TCompare.Create(value);
        int i = 0;
        while (i <= count - (4 * TCompare.Count) && !TCompare.AnyEqual(
            TCompare.Load(values + i), TCompare.Load(values + i + TCompare.Count), TCompare.Load(values + i + (2 * TCompare.Count)), TCompare.Load(values + i + (3 * TCompare.Count)), wanted))
        {
            i += 4 * TCompare.Count;
        }

        for (; i <= count - TCompare.Count; i += TCompare.Count)
        {
            int lane = TCompare.FirstEqual(TCompare.Load(values + i), wanted);
            if (lane < TCompare.Count)
            {
                return i + lane;
            }
        }

        for (; i < count; i++)
        {
            if (values[i] == value)
            {
                return i;
            }
        }

        return 0;
    }
}
