using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// The sum of a row's exps, defined by class index alone, so that no layout, width or tile can change a bit.
/// Class j is in block j / 64, slot (j / 8) % 8 and lane j % 8. Within a block each lane adds its slots as
/// ((0+1)+(2+3))+((4+5)+(6+7)); over the blocks each lane keeps (sum, lost), lost collecting the exact errors
/// of the additions; at the end the lanes are added as ((0,4),(2,6)),((1,5),(3,7)), errors kept. Terms are never negative and
/// absent ones are +0.0: leaving them out and adding them are the same.
/// </summary>
internal static unsafe class BlockSum<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    public const int Lanes = LaneCount.Logical;
    public const int Slots = 8;
    public const int Classes = Lanes * Slots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref TLanes sum, ref TLanes lost, TLanes term)
    {
        TLanes total = sum + term;
        TLanes added = total - sum;
        lost += (sum - (total - added)) + (term - added);
        sum = total;
    }

    /// <summary>
    /// Row losses of eight rows, one per lane: log1p(sum + lost) + (max - label). <paramref name="sums"/> holds eight vectors over the
    /// rows, one for each lane of the definition, then eight of lost; lanes from <paramref name="used"/> on hold zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Loss(double* sums, int used, TLanes max, TLanes label)
    {
        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half && lane + half < used; lane++)
            {
                TLanes sum = TLanes.Load(sums + (lane * Lanes));
                TLanes lost = TLanes.Load(sums + ((Lanes + lane) * Lanes)) + TLanes.Load(sums + ((Lanes + lane + half) * Lanes));
                Add(ref sum, ref lost, TLanes.Load(sums + ((lane + half) * Lanes)));
                TLanes.Store(sum, sums + (lane * Lanes));
                TLanes.Store(lost, sums + ((Lanes + lane) * Lanes));
            }
        }

        return LaneMath<TLanes>.Log1p(TLanes.Load(sums) + TLanes.Load(sums + (Lanes * Lanes))) + (max - label);
    }
}
