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
    public static (short Largest, short Smallest) Range(short* values, int count)
    {
        TCompare largest = TCompare.Create(short.MinValue);
        TCompare smallest = TCompare.Create(short.MaxValue);
        TCompare largest1 = largest;
        TCompare smallest1 = smallest;
        int i = 0;
        for (; i <= count - (2 * TCompare.Count); i += 2 * TCompare.Count)
        {
            Take(values + i, ref largest, ref smallest);
            Take(values + i + TCompare.Count, ref largest1, ref smallest1);
        }

        for (; i <= count - TCompare.Count; i += TCompare.Count)
        {
            Take(values + i, ref largest, ref smallest);
        }

        if (i < count && count >= TCompare.Count)
        {
            // Some values twice, which changes nothing.
            Take(values + count - TCompare.Count, ref largest, ref smallest);
            i = count;
        }

        short most = TCompare.LargestLane(TCompare.Larger(largest, largest1));
        short least = TCompare.SmallestLane(TCompare.Smaller(smallest, smallest1));
        for (; i < count; i++)
        {
            short value = TurnNegative(values[i]);
            most = Math.Max(most, value);
            least = Math.Min(least, value);
        }

        return (most, least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(short* values, ref TCompare largest, ref TCompare smallest)
    {
        TCompare value = TCompare.TurnNegative(TCompare.Load(values));
        largest = TCompare.Larger(value, largest);
        smallest = TCompare.Smaller(value, smallest);
    }

    /// <summary>From sign and magnitude to two's complement, or back.</summary>
    public static short TurnNegative(short value) => (short)(value ^ ((value >> 15) & short.MaxValue));
}
