using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Masks of the 64 terms of a block: all bits of those that stay.</summary>
internal static unsafe class BlockMasks
{
    private const int Classes = BlockSum<ScalarLane>.BlockClasses;

    // 64 that stay, 64 that do not; then 64 that stay, one that does not, and 127 that stay. Never moved: it is read by pointer.
    private static readonly ulong[] Bits = Create();
    private static readonly double* Start = (double*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Bits));

    /// <summary>The leading classes stay, 0 to 64.</summary>
    public static double* First(int classes) => Start + Classes - classes;

    /// <summary>All but one stay; all, if it is -1.</summary>
    public static double* AllBut(int left) => Start + (3 * Classes) - left;

    private static ulong[] Create()
    {
        ulong[] bits = GC.AllocateArray<ulong>(5 * Classes, pinned: true);
        bits.AsSpan(0, Classes).Fill(ulong.MaxValue);
        bits.AsSpan(2 * Classes).Fill(ulong.MaxValue);
        bits[3 * Classes] = 0;
        return bits;
    }
}

/// <summary>
/// The inner loop of a long row: exp(z - max) of stored logits, added in the order of <see cref="BlockSum{TLanes}"/> without leaving the
/// registers. All that the loop does is bound by the two ports for 512-bit arithmetic (docs/performance.md).
/// </summary>
internal static unsafe class RowExps<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    private const int Lanes = LaneCount.Logical;
    private const int HalfBlock = BlockSum<TLanes>.BlockClasses / 2;
    private const int BlockClasses = BlockSum<TLanes>.BlockClasses;

    /// <summary>A row's lane sums, and what they lost. A logit that is NaN, or infinite with the maximum, makes a lane of the sum NaN.</summary>
    /// <param name="end">Where values end that may be read.</param>
    /// <param name="tail">Scratch for a block of values.</param>
    /// <param name="left">The class that the sums leave out.</param>
    /// <param name="ahead">How far behind a logit, in bytes, one is that is looked at next: it is fetched into the L1 cache on the way.</param>
    /// <param name="sums">Gets 8 sums, then 8 of lost.</param>
    public static void Sum(TRaw* logits, int classes, TRaw* end, TRaw* tail, int left, double max, nint ahead, double* sums)
    {
        new Span<double>(sums, 2 * Lanes).Clear();
        int leftBlock = left / BlockClasses * BlockClasses;
        int whole = classes / BlockClasses * BlockClasses;
        AddBlocks(logits, Math.Min(leftBlock, whole), max, ahead, sums);
        if (leftBlock < whole)
        {
            AddEdge(logits + leftBlock, BlockClasses, left - leftBlock, max, sums);
            AddBlocks(logits + leftBlock + BlockClasses, whole - leftBlock - BlockClasses, max, ahead, sums);
        }

        if (whole < classes)
        {
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
                    ExpFour(z, max, out TLanes e0, out TLanes e1, out TLanes e2, out TLanes e3);
                    block += (e0 + e1) + (e2 + e3);
                }

                BlockSum<TLanes>.Add(ref sum, ref lost, block);
            }

            TLanes.Store(sum, sums + lane);
            TLanes.Store(lost, sums + Lanes + lane);
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
        max - TLogit.Load<TLanes>(z),
        max - TLogit.Load<TLanes>(z + Lanes),
        max - TLogit.Load<TLanes>(z + (2 * Lanes)),
        max - TLogit.Load<TLanes>(z + (3 * Lanes)),
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
