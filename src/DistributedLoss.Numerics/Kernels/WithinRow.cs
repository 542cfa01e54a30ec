using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// One row at a time, eight of its classes in the lanes; for many classes, row-major. The lane sums of up to eight rows wait in
/// scratch, so that the final additions and log1p run across rows.
/// </summary>
internal static unsafe class WithinRow<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    private const int Lanes = LaneCount.Logical;
    private const int BlockClasses = BlockSum<TLanes>.Classes;

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        double* memory = stackalloc double[(2 * Lanes * Lanes) + (4 * Lanes)];
        int* pending = stackalloc int[Lanes];
        double* max = memory + (2 * Lanes * Lanes);
        double* label = max + Lanes;
        double* loss = label + Lanes;
        int waiting = 0;
        int classes = block.Classes;
        new Span<double>(memory, (2 * Lanes * Lanes) + (4 * Lanes)).Clear();
        fixed (byte* values = block.Values)
        {
            for (int row = 0; row < block.Rows; row++)
            {
                if (labels[row] < 0)
                {
                    losses.Reject(row, RowStatus.Skipped);
                    continue;
                }

                TRaw* logits = (TRaw*)values + ((nint)row * classes);
                RowStatus status = Scan(logits, classes, out double rowMax, out double rowMin);
                if (status != RowStatus.Valid)
                {
                    losses.Reject(row, status);
                    continue;
                }

                double labelLogit = TLogit.Widen(logits[labels[row]]);
                int predicted = labelLogit == rowMax ? First(logits, labels[row] + 1, rowMax) : First(logits, classes, rowMax);
                losses.Predicted[row] = predicted;
                losses.Status[row] = RowStatus.Valid;
                losses.Rank[row] = predicted == labels[row] ? 1 : Rank(logits, classes, labels[row], labelLogit);
                max[waiting] = rowMax;
                label[waiting] = labelLogit;
                pending[waiting] = row;
                if (rowMin - rowMax > LaneMath<TLanes>.ExpNormalAbove)
                {
                    SumExps<NormalExp>(logits, classes, predicted, rowMax, memory + waiting);
                }
                else
                {
                    SumExps<WideExp>(logits, classes, predicted, rowMax, memory + waiting);
                }

                if (++waiting == Lanes)
                {
                    Finish(memory, max, label, loss, pending, waiting, losses);
                    waiting = 0;
                }
            }
        }

        Finish(memory, max, label, loss, pending, waiting, losses);
    }

    private static void Finish(double* sums, double* max, double* label, double* loss, int* pending, int waiting, in RowLosses losses)
    {
        TLanes.Store(BlockSum<TLanes>.Loss(sums, Lanes, TLanes.Load(max), TLanes.Load(label)), loss);
        for (int i = 0; i < waiting; i++)
        {
            losses.Loss[pending[i]] = loss[i];
        }
    }

    private static RowStatus Scan(TRaw* logits, int classes, out double rowMax, out double rowMin)
    {
        TLanes max = TLanes.Create(double.NegativeInfinity);
        TLanes min = TLanes.Create(double.PositiveInfinity);
        TLanes valid = TLanes.Create(1);
        int c = 0;
        for (; c <= classes - Lanes; c += Lanes)
        {
            TLanes z = TLogit.Load<TLanes>(logits + c);
            max = TLanes.Select(TLanes.GreaterThan(z, max), z, max);
            min = TLanes.Select(TLanes.GreaterThan(min, z), z, min);
            valid = TLanes.And(valid, TLanes.Equal(z, z));
        }

        double* spill = stackalloc double[3 * Lanes];
        TLanes.Store(max, spill);
        TLanes.Store(min, spill + Lanes);
        TLanes.Store(valid, spill + (2 * Lanes));
        rowMax = double.NegativeInfinity;
        rowMin = double.PositiveInfinity;
        bool isValid = true;
        for (int lane = 0; lane < Lanes; lane++)
        {
            rowMax = spill[lane] > rowMax ? spill[lane] : rowMax;
            rowMin = spill[Lanes + lane] < rowMin ? spill[Lanes + lane] : rowMin;
            isValid &= spill[(2 * Lanes) + lane] == 1;
        }

        for (; c < classes; c++)
        {
            double z = TLogit.Widen(logits[c]);
            rowMax = z > rowMax ? z : rowMax;
            rowMin = z < rowMin ? z : rowMin;
            isValid &= !double.IsNaN(z);
        }

        return !isValid ? RowStatus.NaN
            : rowMax == double.PositiveInfinity ? RowStatus.Infinity
            : rowMax == double.NegativeInfinity ? RowStatus.AllMasked
            : RowStatus.Valid;
    }

    /// <summary>The first of the leading <paramref name="classes"/> logits that equals the value; one does.</summary>
    private static int First(TRaw* logits, int classes, double value)
    {
        TLanes wanted = TLanes.Create(value);
        int c = 0;
        while (c <= classes - (2 * Lanes)
            && !TLanes.Any(TLanes.Or(
                TLanes.Equal(TLogit.Load<TLanes>(logits + c), wanted),
                TLanes.Equal(TLogit.Load<TLanes>(logits + c + Lanes), wanted))))
        {
            c += 2 * Lanes;
        }

        while (TLogit.Widen(logits[c]) != value)
        {
            c++;
        }

        return c;
    }

    private static int Rank(TRaw* logits, int classes, int label, double labelLogit)
    {
        TLanes wanted = TLanes.Create(labelLogit);
        TLanes one = TLanes.Create(1);
        TLanes count = TLanes.Create(0);
        int rank = 1;
        int c = 0;
        for (; c <= label - Lanes; c += Lanes)
        {
            TLanes z = TLogit.Load<TLanes>(logits + c);
            count += TLanes.And(TLanes.Or(TLanes.GreaterThan(z, wanted), TLanes.Equal(z, wanted)), one);
        }

        for (; c < label; c++)
        {
            rank += TLogit.Widen(logits[c]) >= labelLogit ? 1 : 0;
        }

        for (c = label + 1; c <= classes - Lanes; c += Lanes)
        {
            count += TLanes.And(TLanes.GreaterThan(TLogit.Load<TLanes>(logits + c), wanted), one);
        }

        for (; c < classes; c++)
        {
            rank += TLogit.Widen(logits[c]) > labelLogit ? 1 : 0;
        }

        double* counts = stackalloc double[Lanes];
        TLanes.Store(count, counts);
        for (int lane = 0; lane < Lanes; lane++)
        {
            rank += (int)counts[lane];
        }

        return rank;
    }

    /// <summary>Lane sums into sums[8 lane], what they lost into sums[8 (8 + lane)].</summary>
    private static void SumExps<TExp>(TRaw* logits, int classes, int predicted, double rowMax, double* sums)
        where TExp : struct, IExp
    {
        TLanes max = TLanes.Create(rowMax);
        TLanes sum = default;
        TLanes lost = default;
        int masked = predicted / BlockClasses * BlockClasses;
        int first = 0;
        while (first < classes)
        {
            int straight = Math.Min(first <= masked ? masked : classes, classes - BlockClasses + 1);
            for (; first < straight; first += BlockClasses)
            {
                TRaw* z = logits + first;
                TLanes low = (TExp.Of(z, max) + TExp.Of(z + Lanes, max)) + (TExp.Of(z + (2 * Lanes), max) + TExp.Of(z + (3 * Lanes), max));
                z += 4 * Lanes;
                TLanes high = (TExp.Of(z, max) + TExp.Of(z + Lanes, max)) + (TExp.Of(z + (2 * Lanes), max) + TExp.Of(z + (3 * Lanes), max));
                BlockSum<TLanes>.Add(ref sum, ref lost, low + high);
            }

            if (first < classes)
            {
                TLanes block = MaskedBlock<TExp>(logits + first, Math.Min(BlockClasses, classes - first), predicted - first, max);
                BlockSum<TLanes>.Add(ref sum, ref lost, block);
                first += BlockClasses;
            }
        }

        double* spill = stackalloc double[2 * Lanes];
        TLanes.Store(sum, spill);
        TLanes.Store(lost, spill + Lanes);
        for (int lane = 0; lane < 2 * Lanes; lane++)
        {
            sums[lane * Lanes] = spill[lane];
        }
    }

    /// <summary>A block of n classes without the predicted one (an index outside [0, n) masks nothing).</summary>
    [SkipLocalsInit]
    private static TLanes MaskedBlock<TExp>(TRaw* logits, int n, int predicted, TLanes max)
        where TExp : struct, IExp
    {
        double* e = stackalloc double[BlockClasses];
        new Span<double>(e, BlockClasses).Clear();
        int c = 0;
        for (; c <= n - Lanes; c += Lanes)
        {
            TLanes.Store(TExp.Of(logits + c, max), e + c);
        }

        if (c < n)
        {
            TRaw* tail = stackalloc TRaw[Lanes];
            for (int lane = 0; lane < Lanes; lane++)
            {
                tail[lane] = logits[Math.Min(c + lane, n - 1)];
            }

            TLanes.Store(TExp.Of(tail, max), e + c);
            new Span<double>(e + n, BlockClasses - n).Clear();
        }

        if ((uint)predicted < (uint)n)
        {
            e[predicted] = 0;
        }

        return ((TLanes.Load(e) + TLanes.Load(e + Lanes)) + (TLanes.Load(e + (2 * Lanes)) + TLanes.Load(e + (3 * Lanes))))
            + ((TLanes.Load(e + (4 * Lanes)) + TLanes.Load(e + (5 * Lanes))) + (TLanes.Load(e + (6 * Lanes)) + TLanes.Load(e + (7 * Lanes))));
    }

    private interface IExp
    {
        static abstract TLanes Of(TRaw* logits, TLanes max);
    }

    private readonly struct NormalExp : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Of(TRaw* logits, TLanes max) => LaneMath<TLanes>.ExpNormal(TLogit.Load<TLanes>(logits) - max);
    }

    private readonly struct WideExp : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Of(TRaw* logits, TLanes max) => LaneMath<TLanes>.Exp(TLogit.Load<TLanes>(logits) - max);
    }
}
