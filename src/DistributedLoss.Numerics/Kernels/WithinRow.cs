using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// One row at a time, its classes side by side in the lanes; for many classes, row-major. The lane sums of up to a group of rows wait in
/// scratch, as <see cref="AcrossRows{TLanes,TLogit,TRaw}"/> would leave them, so that the final additions and log1p run across rows.
/// </summary>
internal unsafe ref struct WithinRow<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    private const int Lanes = LaneCount.Logical;
    private const int Group = BlockSum<TLanes>.Rows;

    private readonly TRaw* _values;
    private readonly TRaw* _end;
    private readonly int _classes;
    private readonly nint _ahead;

    private readonly double* _terms;
    private readonly TRaw* _tail;

    // For a second pass; null where they are not wanted.
    private readonly double* _spread;
    private readonly double* _exps;

    private readonly double* _rowSums;

    // Of the rows that wait.
    private readonly double* _sums;
    private readonly double* _max;
    private readonly double* _labelLogit;
    private readonly double* _loss;
    private readonly double* _rows;
    private int _waiting;

    private WithinRow(in LogitBlock block, byte* values, double* spread, double* exps, Scratch scratch)
    {
        _spread = spread;
        _exps = exps;
        _values = (TRaw*)values;
        _end = _values + ((nint)block.Rows * block.Classes);
        _classes = block.Classes;
        _ahead = block.Ahead;
        _terms = scratch.Take(SpreadSum.ChunkClasses);
        _tail = (TRaw*)scratch.Take(BlockSum<TLanes>.BlockClasses);
        _rowSums = scratch.Take(2 * Lanes);
        _sums = scratch.Take(2 * Lanes * Group);
        _max = scratch.Take(Group);
        _labelLogit = scratch.Take(Group);
        _loss = scratch.Take(Group);
        _rows = scratch.Take(Group);
    }

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        const int Doubles = SpreadSum.ChunkClasses + BlockSum<TLanes>.BlockClasses + (2 * Lanes) + (((2 * Lanes) + 4) * Group);
        byte* memory = stackalloc byte[Scratch.Bytes(Doubles)];
        new Span<byte>(memory, Scratch.Bytes(Doubles)).Clear();
        fixed (byte* values = block.Values)
        fixed (double* spread = losses.SpreadSums, exps = losses.Exps)
        {
            WithinRow<TLanes, TLogit, TRaw> rows = new(block, values, spread, exps, new Scratch(memory));
            for (int row = 0; row < block.Rows; row++)
            {
                if (labels[row] < 0)
                {
                    losses.Reject(row, RowStatus.Skipped);
                }
                else
                {
                    rows.Evaluate(row, labels[row], losses);
                }
            }

            rows.Finish(losses);
        }
    }

    private void Evaluate(int row, int label, in RowLosses losses)
    {
        TRaw* logits = _values + ((nint)row * _classes);
        double max = TLogit.Max<TLanes>(logits, _classes, out bool areFinite);
        double labelLogit = TLogit.Widen(logits[label]);
        int predicted = TLogit.IndexOf<TLanes>(logits, labelLogit == max ? label + 1 : _classes, max);
        if (_spread == null)
        {
            TLogit.SumExps<TLanes>(logits, _classes, _end, _tail, predicted, max, areFinite, _ahead, _rowSums);
        }
        else
        {
            SumExpsAndSpread(row, logits, predicted, max);
        }

        if (!IsValid(max))
        {
            RowStatus status = RowScan<TLanes, TLogit, TRaw>.AnyNaN(logits, _classes) ? RowStatus.NaN
                : max == double.PositiveInfinity ? RowStatus.Infinity
                : max == double.NegativeInfinity ? RowStatus.AllMasked
                : RowStatus.Valid;
            if (status != RowStatus.Valid)
            {
                losses.Reject(row, status);
                return;
            }
        }

        losses.Predicted[row] = predicted;
        losses.Status[row] = RowStatus.Valid;
        losses.Rank[row] = predicted == label ? 1 : RowScan<TLanes, TLogit, TRaw>.Rank(logits, _classes, label, labelLogit);
        for (int lane = 0; lane < 2 * Lanes; lane++)
        {
            _sums[(lane * Group) + _waiting] = _rowSums[lane];
        }

        _max[_waiting] = max;
        _labelLogit[_waiting] = labelLogit;
        _rows[_waiting] = row;
        if (++_waiting == Group)
        {
            Finish(losses);
        }
    }

    private void Finish(in RowLosses losses)
    {
        BlockSum<TLanes>.Loss(_sums, _waiting, Lanes, _max, _labelLogit, _loss);
        for (int i = 0; i < _waiting; i++)
        {
            losses.Loss[(int)_rows[i]] = _loss[i];
        }

        if (!losses.TopLoss.IsEmpty)
        {
            for (int i = 0; i < _waiting; i++)
            {
                losses.TopLoss[(int)_rows[i]] = _sums[i];
            }
        }

        _waiting = 0;
    }

    /// <summary>The row's lane sums without the predicted class, and the sums of its spread.</summary>
    private readonly void SumExpsAndSpread(int row, TRaw* logits, int predicted, double rowMax)
    {
        double* sums = _spread + (row * SpreadSum.RowDoubles);
        for (int first = 0; first < _classes; first += SpreadSum.ChunkClasses)
        {
            int n = Math.Min(SpreadSum.ChunkClasses, _classes - first);
            double* terms = _exps == null ? _terms : _exps + (row * KeptRows.Stride(_classes)) + first;
            SpreadSum<TLanes, TLogit, TRaw, LogitTerms<TLanes>>.Add(
                logits + first, logits + _classes, _tail, terms, n, predicted - first, rowMax, sums, first == 0);
            if ((uint)(predicted - first) < (uint)n)
            {
                terms[predicted - first] = 0;
            }

            BlockSum<TLanes>.Add(terms, n, Lanes, Lanes, _rowSums, first == 0);
        }
    }

    /// <summary>Whether the row is valid for certain: a logit that is NaN, or infinite with the maximum, makes a lane of the sum NaN.</summary>
    private readonly bool IsValid(double rowMax)
    {
        double sum = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            sum += _rowSums[lane];
        }

        return double.IsFinite(sum) && double.IsFinite(rowMax);
    }
}
