using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// The sum of a row's exps, defined by class index alone, so that no layout, width or tile can change a bit.
/// Class j is in block j / 64, slot (j / 8) % 8 and lane j % 8. Within a block each lane adds its slots as
/// ((0+1)+(2+3))+((4+5)+(6+7)); over the blocks each lane keeps (sum, lost), lost collecting the exact errors of the additions; at
/// the end lanes 4..7 are added to 0..3, 2..3 to 0..1, and 1 to 0, errors kept. Terms are never negative and absent ones are +0.0:
/// leaving them out and adding them are the same.
/// </summary>
internal static unsafe class BlockSum<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    public const int Lanes = LaneCount.Logical;
    public const int Slots = 8;
    public const int BlockClasses = Lanes * Slots;

    /// <summary>Rows that are finished together: enough of them in flight to hide the latency of a log1p.</summary>
    public const int Rows = 32;

    /// <summary>
    /// Adds consecutive blocks to the lane sums of one row, or of a group of rows at once, a lane's rows side by side. A
    /// <paramref name="slot"/> is 8 doubles, or 8 x <see cref="Rows"/>, of which the first <paramref name="used"/> have terms. The
    /// terms past <paramref name="classes"/> are zeros up to the end of its slot. <paramref name="sums"/> holds a slot of sums, then
    /// one of lost; it is only written at the <paramref name="start"/>.
    /// </summary>
    public static void Add(double* terms, int classes, int slot, int used, double* sums, bool start)
    {
        int block = Slots * slot;
        int lastSlots = (classes % BlockClasses + Lanes - 1) / Lanes;
        if (start && classes <= BlockClasses)
        {
            // One block: the errors of adding it to nothing are zeros.
            for (int i = 0; i < used; i += TLanes.Count)
            {
                TLanes.Store(Leading(terms + i, slot, (classes + Lanes - 1) / Lanes), sums + i);
                TLanes.Store(TLanes.Create(0), sums + slot + i);
            }

            return;
        }

        for (int i = 0; i < used; i += TLanes.Count)
        {
            TLanes sum = start ? TLanes.Create(0) : TLanes.Load(sums + i);
            TLanes lost = start ? TLanes.Create(0) : TLanes.Load(sums + slot + i);
            double* term = terms + i;
            for (int rest = classes; rest >= BlockClasses; rest -= BlockClasses)
            {
                Add(ref sum, ref lost, (Two(term, slot) + Two(term + (2 * slot), slot)) + (Two(term + (4 * slot), slot) + Two(term + (6 * slot), slot)));
                term += block;
            }

            if (lastSlots > 0)
            {
                Add(ref sum, ref lost, Leading(term, slot, lastSlots));
            }

            TLanes.Store(sum, sums + i);
            TLanes.Store(lost, sums + slot + i);
        }
    }

    /// <summary>
    /// Row losses of a group of rows, log1p(sum + lost) + (max - label). <paramref name="sums"/> is what <c>Add</c> leaves for a group;
    /// lanes from <paramref name="used"/> on hold nothing. What is left in its first entries is each row's log1p, the loss of the class left out.
    /// </summary>
    public static void Loss(double* sums, int rows, int used, double* max, double* label, double* loss)
    {
        Reduce(sums, rows, used);
        LossOfSums(sums, rows, max, label, loss);
    }

    /// <summary>The sums of a group of rows, of what <c>Add</c> leaves for a group: into the first entries of <paramref name="sums"/>.</summary>
    public static void Reduce(double* sums, int rows, int used)
    {
        for (int row = 0; row < rows; row += TLanes.Count)
        {
            double* sum = sums + row;
            double* lost = sum + (Lanes * Rows);
            for (int half = Lanes / 2; half > 0; half /= 2)
            {
                for (int lane = 0; lane < half && lane + half < used; lane++)
                {
                    TLanes s = TLanes.Load(sum + (lane * Rows));
                    TLanes c = TLanes.Load(lost + (lane * Rows)) + TLanes.Load(lost + ((lane + half) * Rows));
                    Add(ref s, ref c, TLanes.Load(sum + ((lane + half) * Rows)));
                    TLanes.Store(s, sum + (lane * Rows));
                    TLanes.Store(c, lost + (lane * Rows));
                }
            }
        }

        for (int row = 0; row < rows; row += TLanes.Count)
        {
            TLanes.Store(TLanes.Load(sums + row) + TLanes.Load(sums + (Lanes * Rows) + row), sums + row);
        }
    }

    /// <summary>
    /// The sums of a register of rows of a group whose 1 to 8 slots are all that they have: one block needs no lane sums in memory. The same bits as by way of
    /// them. Terms past the last class are zeros up to the end of its slot.
    /// </summary>
    // Without a loop of its own it would begin as code that is not optimised, for the first tenth of a second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OfBlock(double* term, int slots, double* sum)
    {
        TLanes s0 = Leading(term, Lanes * Rows, slots);
        TLanes s1 = Leading(term + Rows, Lanes * Rows, slots);
        TLanes s2 = Leading(term + (2 * Rows), Lanes * Rows, slots);
        TLanes s3 = Leading(term + (3 * Rows), Lanes * Rows, slots);
        TLanes c0 = Lost(ref s0, Leading(term + (4 * Rows), Lanes * Rows, slots));
        TLanes c1 = Lost(ref s1, Leading(term + (5 * Rows), Lanes * Rows, slots));
        TLanes c2 = Lost(ref s2, Leading(term + (6 * Rows), Lanes * Rows, slots));
        TLanes c3 = Lost(ref s3, Leading(term + (7 * Rows), Lanes * Rows, slots));
        c0 = c0 + c2 + Lost(ref s0, s2);
        c1 = c1 + c3 + Lost(ref s1, s3);
        c0 = c0 + c1 + Lost(ref s0, s1);
        TLanes.Store(s0 + c0, sum);
    }

    // A loop of its own: short enough for the CPU to overlap the long latencies of several registers of rows.
    private static void LossOfSums(double* sums, int rows, double* max, double* label, double* loss)
    {
        for (int row = 0; row < rows; row += TLanes.Count)
        {
            TLanes log = LaneMath<TLanes>.Log1p(TLanes.Load(sums + row));
            TLanes.Store(log, sums + row);
            TLanes.Store(log + (TLanes.Load(max + row) - TLanes.Load(label + row)), loss + row);
        }
    }

    /// <summary>Adds the term; returns what rounding lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Lost(ref TLanes sum, TLanes term)
    {
        TLanes total = sum + term;
        TLanes added = total - sum;
        TLanes lost = (sum - (total - added)) + (term - added);
        sum = total;
        return lost;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(ref TLanes sum, ref TLanes lost, TLanes term) => lost += Lost(ref sum, term);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Two(double* term, int slot) => TLanes.Load(term) + TLanes.Load(term + slot);

    /// <summary>The tree over the first 1 to 8 slots, the rest being zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Leading(double* term, int slot, int slots)
    {
        TLanes low = slots > 1 ? Two(term, slot) : TLanes.Load(term);
        if (slots > 2)
        {
            low += slots > 3 ? Two(term + (2 * slot), slot) : TLanes.Load(term + (2 * slot));
        }

        if (slots <= 4)
        {
            return low;
        }

        TLanes high = slots > 5 ? Two(term + (4 * slot), slot) : TLanes.Load(term + (4 * slot));
        if (slots > 6)
        {
            high += slots > 7 ? Two(term + (6 * slot), slot) : TLanes.Load(term + (6 * slot));
        }

        return low + high;
    }
}
