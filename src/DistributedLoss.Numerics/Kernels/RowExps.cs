using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// The inner loop of a long row: exp(z - max) of stored logits, added in the order of <see cref="BlockSum{TLanes}"/> without leaving the
/// registers. All that the loop does is bound by the two ports for 512-bit arithmetic (docs/performance.md).
/// </summary>
internal static unsafe class RowExps<TLanes, TGap, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TGap : struct, IGap<TRaw>
    where TRaw : unmanaged
{
    private const int Lanes = LaneCount.Logical;
    private const int HalfBlock = BlockSum<TLanes>.BlockClasses / 2;
    private const int BlockClasses = BlockSum<TLanes>.BlockClasses;

    /// <summary>A row's lane sums, and what they lost. A logit that is NaN, or infinite with the maximum, makes a lane of the sum NaN.</summary>
    /// <param name="end">Where values end that may be read.</param>
    /// <param name="tail">Scratch for a block of values.</param>
    /// <param name="left">The class that the sums leave out.</param>
    /// <param name="ahead"><see cref="LogitBlock.Ahead"/>.</param>
    /// <param name="sums">Gets 8 sums, then 8 of lost.</param>
    public static void Sum(TRaw* logits, int classes, TRaw* end, TRaw* tail, int left, double max, nint ahead, double* sums)
    {
        new Span<double>(sums, 2 * Lanes).Clear();
        int leftBlock = left / BlockClasses * BlockClasses;
        int whole = classes / BlockClasses * BlockClasses;
        AddBlocks(logits, Math.Min(leftBlock, whole), max, ahead, sums);
        if (leftBlock < whole)
        {
            FetchHalf(logits + leftBlock, ahead);
            FetchHalf(logits + leftBlock + HalfBlock, ahead);
            AddEdge(logits + leftBlock, BlockClasses, left - leftBlock, max, sums);
            AddBlocks(logits + leftBlock + BlockClasses, whole - leftBlock - BlockClasses, max, ahead, sums);
        }

        if (whole < classes)
        {
            FetchHalf(logits + whole, ahead);
            FetchHalf(logits + whole + HalfBlock, ahead);
            AddEdge(Tail(logits + whole, classes - whole, end, tail), classes - whole, left - whole, max, sums);
        }
    }

    private static void AddBlocks(TRaw* logits, int classes, double rowMax, nint ahead, double* sums)
    {
        TLanes max = TLanes.Create(rowMax);
        for (int lane = 0; lane < Lanes; lane += TLanes.Count)
        {
            TLanes sum = TLanes.Load(sums + lane);
            TLanes lost = TLanes.Load(sums + Lanes + lane);
            TRaw* z = logits + lane;
            TRaw* end = z + classes;
            while (z < end)
            {
                // Unrolled, the two halves would share their constants and have no registers left for themselves.
                TLanes block = TLanes.Create(0);
                for (TRaw* half = z + BlockClasses; z < half; z += HalfBlock)
                {
                    FetchHalf(z, ahead);
                    ExpFour(z, max, out TLanes e0, out TLanes e1, out TLanes e2, out TLanes e3);
                    block += (e0 + e1) + (e2 + e3);
                }

                BlockSum<TLanes>.Add(ref sum, ref lost, block);
            }

            TLanes.Store(sum, sums + lane);
            TLanes.Store(lost, sums + Lanes + lane);
            ahead = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchHalf(TRaw* logits, nint ahead)
    {
        const int CacheLine = 64;
        if (!Sse.IsSupported || ahead == 0)
        {
            return;
        }

        // Unrolled, because the code generator does not: as a loop it costs the whole some 3%.
        byte* there = (byte*)logits + ahead;
        Sse.Prefetch1(there);
        if (HalfBlock * sizeof(TRaw) > CacheLine)
        {
            Sse.Prefetch1(there + CacheLine);
        }

        if (HalfBlock * sizeof(TRaw) > 2 * CacheLine)
        {
            Sse.Prefetch1(there + (2 * CacheLine));
            Sse.Prefetch1(there + (3 * CacheLine));
        }
    }

    /// <summary>One block with a class that is left out, or with less than 64 classes: what is behind them may be anything.</summary>
    private static void AddEdge(TRaw* logits, int classes, int left, double rowMax, double* sums)
    {
        TLanes max = TLanes.Create(rowMax);
        double* before = BlockMasks.First(classes);
        double* others = BlockMasks.AllBut((uint)left < (uint)classes ? left : -1);
        for (int lane = 0; lane < Lanes; lane += TLanes.Count)
        {
            TLanes block = TLanes.Create(0);
            for (int c = lane; c < classes; c += HalfBlock)
            {
                ExpFour(logits + c, max, out TLanes e0, out TLanes e1, out TLanes e2, out TLanes e3);
                e0 = TLanes.And(e0, TLanes.And(TLanes.Load(before + c), TLanes.Load(others + c)));
                e1 = TLanes.And(e1, TLanes.And(TLanes.Load(before + c + Lanes), TLanes.Load(others + c + Lanes)));
                e2 = TLanes.And(e2, TLanes.And(TLanes.Load(before + c + (2 * Lanes)), TLanes.Load(others + c + (2 * Lanes))));
                e3 = TLanes.And(e3, TLanes.And(TLanes.Load(before + c + (3 * Lanes)), TLanes.Load(others + c + (3 * Lanes))));
                block += (e0 + e1) + (e2 + e3);
            }

            TLanes sum = TLanes.Load(sums + lane);
            TLanes lost = TLanes.Load(sums + Lanes + lane);
            BlockSum<TLanes>.Add(ref sum, ref lost, block);
            TLanes.Store(sum, sums + lane);
            TLanes.Store(lost, sums + Lanes + lane);
        }
    }

    // Four slots.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ExpFour(TRaw* z, TLanes max, out TLanes e0, out TLanes e1, out TLanes e2, out TLanes e3) => LaneMath<TLanes>.ExpFour(
        TGap.Load(z, max),
        TGap.Load(z + Lanes, max),
        TGap.Load(z + (2 * Lanes), max),
        TGap.Load(z + (3 * Lanes), max),
        out e0,
        out e1,
        out e2,
        out e3);

    /// <summary>The last values of a row with a whole block that may be read.</summary>
    private static TRaw* Tail(TRaw* values, int n, TRaw* end, TRaw* tail)
    {
        if (end - values >= BlockClasses)
        {
            return values;
        }

        new ReadOnlySpan<TRaw>(values, n).CopyTo(new Span<TRaw>(tail, n));
        return tail;
    }
}
