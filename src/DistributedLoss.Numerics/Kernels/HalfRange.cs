using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Rows of float16 or bfloat16, compared as they are stored. Their bits are a sign and a magnitude; as two's complement (all but the sign
/// turned over where it is set) they are integers in the order of the values, with -0 below +0 and the NaNs at either end.
/// </summary>
internal static unsafe class HalfRange<TCompare>
    where TCompare : struct, ICompareLanes<TCompare, short>
{
    /// <summary>The largest and the smallest value, in that order of integers.</summary>
    [SkipLocalsInit]
    public static (short Largest, short Smallest) Range(short* values, int count)
    {
        TCompare largest = TCompare.Create(short.MinValue);
        TCompare smallest = TCompare.Create(short.MaxValue);
        TCompare largest1 = largest;
        TCompare smallest1 = smallest;
        int i = 0;
        for (; i <= count - (2 * TCompare.Count); i += 2 * TCompare.Count)
        {
            TCompare value = TCompare.TurnNegative(TCompare.Load(values + i));
            TCompare value1 = TCompare.TurnNegative(TCompare.Load(values + i + TCompare.Count));
            largest = TCompare.Larger(value, largest);
            largest1 = TCompare.Larger(value1, largest1);
            smallest = TCompare.Smaller(value, smallest);
            smallest1 = TCompare.Smaller(value1, smallest1);
        }

        short* lanes = stackalloc short[2 * TCompare.Count];
        TCompare.Store(TCompare.Larger(largest, largest1), lanes);
        TCompare.Store(TCompare.Smaller(smallest, smallest1), lanes + TCompare.Count);
        (short most, short least) = (lanes[0], lanes[TCompare.Count]);
        for (int lane = 1; lane < TCompare.Count; lane++)
        {
            most = Math.Max(most, lanes[lane]);
            least = Math.Min(least, lanes[TCompare.Count + lane]);
        }

        for (; i < count; i++)
        {
            short value = TurnNegative(values[i]);
            most = Math.Max(most, value);
            least = Math.Min(least, value);
        }

        return (most, least);
    }

    /// <summary>From sign and magnitude to two's complement, or back.</summary>
    public static short TurnNegative(short value) => (short)(value ^ ((value >> 15) & short.MaxValue));
}
