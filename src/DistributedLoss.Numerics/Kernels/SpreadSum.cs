using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>The shape of a row's sums of e, e x and e^2 (of <see cref="GapTerms{TLanes}"/>: e x^2), in whichever pass they are formed.</summary>
internal static class SpreadSum
{
    public const int Sums = 3;

    /// <summary>Of each sum, eight lanes of it and eight of what they lost.</summary>
    public const int SumDoubles = 2 * LaneCount.Logical;

    public const int RowDoubles = Sums * SumDoubles;
    public const int ChunkClasses = 512;
}

/// <summary>
/// A row's sums of e, e x and <see cref="IProbabilityTerms{TLanes}.AddSquare"/> over all classes but one. Class j is in chunk j / 512 and lane j % 8. Within a chunk a lane takes its
/// classes in order, the last two by fused multiply-adds; over the chunks it keeps (sum, lost).
/// </summary>
internal static unsafe class SpreadSum<TLanes, TLogit, TRaw, TTerms>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
    where TTerms : struct, IProbabilityTerms<TLanes>
{
    private const int Lanes = LaneCount.Logical;

    private static ReadOnlySpan<double> LaneIndices => [0, 1, 2, 3, 4, 5, 6, 7];

    /// <summary>Adds one chunk.</summary>
    /// <param name="end">Where values end that may be read.</param>
    /// <param name="tail">Scratch for 8 values.</param>
    /// <param name="terms">Gets e of each class, and 0 behind the last up to whole registers.</param>
    /// <param name="n">Classes of the chunk.</param>
    /// <param name="left">The class, counted from the chunk's first, that the sums leave out; it may lie outside.</param>
    /// <param name="start">Whether it is the row's first: <paramref name="sums"/> is only written.</param>
    public static void Add(TRaw* values, TRaw* end, TRaw* tail, double* terms, int n, int left, double rowMax, double* sums, bool start)
    {
        TRaw* last = Last(values, n, end, tail);
        for (int lane = 0; lane < Lanes; lane += TLanes.Count)
        {
            Add(values, last, terms, n, lane, left, rowMax, sums, start);
        }
    }

    // One register of lanes, from lane on.
    private static void Add(TRaw* values, TRaw* last, double* terms, int n, int lane, int left, double rowMax, double* sums, bool start)
    {
        TLanes max = TLanes.Create(rowMax);
        TLanes zero = TLanes.Create(0);
        TLanes sum = zero;
        TLanes weighted = zero;
        TLanes squares = zero;
        values += lane;
        terms += lane;
        int whole = n / Lanes;
        int steps = (n + Lanes - 1) / Lanes;
        int leftStep = (uint)left < (uint)n ? left / Lanes : -1;
        int step = 0;
        while (true)
        {
            int stop = leftStep >= step ? leftStep : whole;
            for (; step < stop; step++)
            {
                TLanes e = TTerms.Evaluate(TLogit.Load<TLanes>(values + (step * Lanes)), max, out TLanes x);
                TLanes.Store(e, terms + (step * Lanes));
                sum += e;
                weighted = TLanes.Fma(e, x, weighted);
                squares = TTerms.AddSquare(e, x, squares);
            }

            if (step == steps)
            {
                break;
            }

            // The class that is left out is here, or the row's end: what is behind it may be anything.
            TLanes index = TLanes.Load((double*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(LaneIndices)) + lane) + TLanes.Create(step * Lanes);
            TLanes beforeEnd = TLanes.Create(n);
            TLanes edge = TTerms.Evaluate(TLogit.Load<TLanes>(step < whole ? values + (step * Lanes) : last + lane), max, out TLanes edgeX);
            edge = TLanes.SelectAbove(beforeEnd, index, edge, zero);
            TLanes.Store(edge, terms + (step * Lanes));
            TLanes distance = index - TLanes.Create(left);
            edge = TLanes.SelectAbove(distance * distance, zero, edge, zero);
            edgeX = TLanes.SelectAbove(beforeEnd, index, edgeX, zero);
            sum += edge;
            weighted = TLanes.Fma(edge, edgeX, weighted);
            squares = TTerms.AddSquare(edge, edgeX, squares);
            step++;
        }

        Keep(sum, sums + lane, start);
        Keep(weighted, sums + SpreadSum.SumDoubles + lane, start);
        Keep(squares, sums + (2 * SpreadSum.SumDoubles) + lane, start);
    }

    /// <summary>The last values of a chunk with 8 that may be read, where there are less than 8.</summary>
    private static TRaw* Last(TRaw* values, int n, TRaw* end, TRaw* tail)
    {
        TRaw* last = values + (n / Lanes * Lanes);
        if (end - last >= Lanes)
        {
            return last;
        }

        for (int lane = 0; lane < n % Lanes; lane++)
        {
            tail[lane] = last[lane];
        }

        return tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(TLanes chunk, double* sums, bool start)
    {
        TLanes sum = start ? TLanes.Create(0) : TLanes.Load(sums);
        TLanes lost = start ? TLanes.Create(0) : TLanes.Load(sums + Lanes);
        BlockSum<TLanes>.Add(ref sum, ref lost, chunk);
        TLanes.Store(sum, sums);
        TLanes.Store(lost, sums + Lanes);
    }
}
