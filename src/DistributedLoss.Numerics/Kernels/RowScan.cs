using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Passes over one row that only compare: their results do not depend on any order.</summary>
internal static unsafe class RowScan<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    /// <summary>The largest logit; -inf if nothing is above it. A NaN is never above anything.</summary>
    [SkipLocalsInit]
    public static double Max(TRaw* logits, int classes)
    {
        TLanes max0 = TLanes.Create(double.NegativeInfinity);
        TLanes max1 = max0;
        int c = 0;
        for (; c <= classes - (2 * TLanes.Count); c += 2 * TLanes.Count)
        {
            max0 = Above(TLogit.Load<TLanes>(logits + c), max0);
            max1 = Above(TLogit.Load<TLanes>(logits + c + TLanes.Count), max1);
        }

        double* lanes = stackalloc double[LaneCount.Logical];
        TLanes.Store(Above(max0, max1), lanes);
        double max = lanes[0];
        for (int lane = 1; lane < TLanes.Count; lane++)
        {
            max = lanes[lane] > max ? lanes[lane] : max;
        }

        for (; c < classes; c++)
        {
            double z = TLogit.Widen(logits[c]);
            max = z > max ? z : max;
        }

        return max;
    }

    /// <summary>The first of the leading <paramref name="classes"/> logits that equals the value, 0 if none does.</summary>
    public static int IndexOf(TRaw* logits, int classes, double value)
    {
        TLanes wanted = TLanes.Create(value);
        int c = 0;
        while (c <= classes - (2 * TLanes.Count)
            && !TLanes.Any(TLanes.Or(
                TLanes.Equal(TLogit.Load<TLanes>(logits + c), wanted),
                TLanes.Equal(TLogit.Load<TLanes>(logits + c + TLanes.Count), wanted))))
        {
            c += 2 * TLanes.Count;
        }

        for (; c < classes; c++)
        {
            if (TLogit.Widen(logits[c]) == value)
            {
                return c;
            }
        }

        return 0;
    }

    public static bool AnyNaN(TRaw* logits, int classes)
    {
        int c = 0;
        TLanes valid = TLanes.Create(1);
        for (; c <= classes - TLanes.Count; c += TLanes.Count)
        {
            TLanes z = TLogit.Load<TLanes>(logits + c);
            valid = TLanes.And(valid, TLanes.Equal(z, z));
        }

        bool any = TLanes.Any(TLanes.GreaterThan(TLanes.Create(1), valid));
        for (; c < classes; c++)
        {
            any |= double.IsNaN(TLogit.Widen(logits[c]));
        }

        return any;
    }

    /// <summary>1 + the logits above the label's + the equal ones before it.</summary>
    [SkipLocalsInit]
    public static int Rank(TRaw* logits, int classes, int label, double labelLogit)
    {
        TLanes wanted = TLanes.Create(labelLogit);
        TLanes one = TLanes.Create(1);
        TLanes count = TLanes.Create(0);
        int rank = 1;
        int c = 0;
        for (; c <= label - TLanes.Count; c += TLanes.Count)
        {
            TLanes z = TLogit.Load<TLanes>(logits + c);
            count += TLanes.And(TLanes.Or(TLanes.GreaterThan(z, wanted), TLanes.Equal(z, wanted)), one);
        }

        for (; c < label; c++)
        {
            rank += TLogit.Widen(logits[c]) >= labelLogit ? 1 : 0;
        }

        for (c = label + 1; c <= classes - TLanes.Count; c += TLanes.Count)
        {
            count += TLanes.And(TLanes.GreaterThan(TLogit.Load<TLanes>(logits + c), wanted), one);
        }

        for (; c < classes; c++)
        {
            rank += TLogit.Widen(logits[c]) > labelLogit ? 1 : 0;
        }

        double* counts = stackalloc double[LaneCount.Logical];
        TLanes.Store(count, counts);
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            rank += (int)counts[lane];
        }

        return rank;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Above(TLanes z, TLanes max) => TLanes.SelectAbove(z, max, z, max);
}
