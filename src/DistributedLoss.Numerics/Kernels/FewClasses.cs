using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Rows of at most 64 classes, which are one block of <see cref="BlockSum{TLanes}"/>: a group of 32 rows at a time, side by side in the lanes. Columns are read where
/// they are; rows are turned into columns of a tile first. Rows that are missing from the last group repeat the last row, and are not looked at.
/// </summary>
internal unsafe ref struct FewClasses<TLanes, TLogit, T>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public const int MostClasses = BlockSum<TLanes>.BlockClasses;

    private const int Lanes = LaneCount.Logical;
    private const int Group = BlockSum<TLanes>.Rows;

    // Label logits are fetched so many rows ahead that their stores are done when a register loads several of them.
    private const int Ahead = 8 * Group;

    private readonly T* _values;
    private readonly T** _columns;
    private readonly int _classes;

    private readonly T* _tile;
    private readonly T** _tileColumns;
    private readonly double* _terms;
    private readonly double* _sums;
    private readonly T* _labelLogits;
    private readonly GroupOutputs<T> _order;

    // The maxima and predictions as float64.
    private readonly double* _max;
    private readonly double* _predicted;

    // Of a last group of fewer rows.
    private readonly double* _loss;
    private readonly double* _topLoss;

    private FewClasses(in LogitBlock block, byte* values, nint* columns, Scratch scratch)
    {
        _values = (T*)values;
        _columns = (T**)columns;
        _classes = block.Classes;
        _tile = (T*)scratch.Take(MostClasses * Group);
        _tileColumns = (T**)scratch.Take(MostClasses);
        _terms = scratch.Take(MostClasses * Group);
        _sums = scratch.Take(Group);
        _labelLogits = (T*)scratch.Take(Ahead);
        _loss = scratch.Take(Group);
        _topLoss = scratch.Take(Group);
        _max = scratch.Take(Group);
        _predicted = scratch.Take(Group);
        _order = new GroupOutputs<T>((T*)scratch.Take(Group), (T*)scratch.Take(Group), (int*)scratch.Take(Group / 2), (int*)scratch.Take(Group / 2));
        for (int c = 0; c < _classes; c++)
        {
            _tileColumns[c] = _tile + (c * Group);
        }

        // Up to whole slots, the absent terms of every group.
        new Span<double>(_terms + (_classes * Group), (Slots * Lanes - _classes) * Group).Clear();
        new Span<T>(_labelLogits, Ahead).Clear();
    }

    private readonly int Slots => (_classes + Lanes - 1) / Lanes;

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        const int Doubles = (2 * MostClasses * Group) + MostClasses + Ahead + (8 * Group);
        byte* memory = stackalloc byte[Scratch.Bytes(Doubles)];
        fixed (byte* values = block.Values)
        fixed (nint* columns = block.Columns)
        fixed (int* label = labels)
        {
            FewClasses<TLanes, TLogit, T> group = new(block, values, columns, new Scratch(memory));
            for (int row = 0; row < block.Rows; row += Group)
            {
                if (row % Ahead == 0)
                {
                    group.FetchLabelLogits(row, Math.Min(Ahead, block.Rows - row), label + row);
                }

                group.Evaluate(row, labels.Slice(row, Math.Min(Group, block.Rows - row)), losses);
            }
        }
    }

    private readonly void Evaluate(int row, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        if (Scan.FirstOutside(labels, -1, -1) < 0)
        {
            for (int r = 0; r < labels.Length; r++)
            {
                losses.Reject(row + r, RowStatus.Skipped);
            }

            return;
        }

        bool isWhole = labels.Length == Group;
        bool isInPlace = isWhole && _values == null;
        T** columns = isInPlace ? _columns : _tileColumns;
        nint first = isInPlace ? row : 0;
        if (!isInPlace)
        {
            Fill(row, labels.Length);
        }

        bool isAnyTied = TLanes.Order(columns, first, _classes, _labelLogits + (row % Ahead), _order);
        bool areValid;
        if (isWhole)
        {
            fixed (double* loss = losses.Loss, topLoss = losses.TopLoss)
            {
                areValid = Losses(columns, first, _labelLogits + (row % Ahead), loss + row, topLoss == null ? _topLoss : topLoss + row);
            }
        }
        else
        {
            areValid = Losses(columns, first, _labelLogits + (row % Ahead), _loss, _topLoss);
            new ReadOnlySpan<double>(_loss, labels.Length).CopyTo(losses.Loss[row..]);
            if (!losses.TopLoss.IsEmpty)
            {
                new ReadOnlySpan<double>(_topLoss, labels.Length).CopyTo(losses.TopLoss[row..]);
            }
        }

        new ReadOnlySpan<int>(_order.PredictedClass, labels.Length).CopyTo(losses.Predicted[row..]);
        new ReadOnlySpan<int>(_order.Rank, labels.Length).CopyTo(losses.Rank[row..]);
        losses.Status.Slice(row, labels.Length).Clear(); // RowStatus.Valid
        if (isAnyTied)
        {
            RankTied(columns, first, row, labels, losses);
        }

        if (!areValid || Scan.FirstOutside(labels, 0, int.MaxValue) >= 0)
        {
            Reject(columns, first, row, labels, losses);
        }
    }

    /// <summary>Losses of the group, from its maxima and predictions.</summary>
    /// <returns>Whether every value was finite, or -inf beside a finite one.</returns>
    private readonly bool Losses(T** columns, nint first, T* labelLogits, double* loss, double* topLoss)
    {
        for (int r = 0; r < Group; r += TLanes.Count)
        {
            TLanes.Store(TLogit.Load<TLanes>(_order.Max + r), _max + r);
            TLanes.Store(TLogit.Load<TLanes>(_order.Predicted + r), _predicted + r);
        }

        for (int r = 0; r < Group; r += 4 * TLanes.Count)
        {
            Exps(columns, first + r, r);
        }

        // Methods of both steps would be too long for the code generator to make them of instructions alone. The logarithm's divisions, which use no port but
        // one, overlap with the next register's additions.
        int slots = Slots;
        TLanes invalid = TLanes.Create(0);
        for (int r = 0; r < Group; r += TLanes.Count)
        {
            BlockSum<TLanes>.OfBlock(_terms + r, slots, _sums + r);
            invalid = TLanes.Or(invalid, Log(_sums + r, _max + r, labelLogits + r, loss + r, topLoss + r));
        }

        return !TLanes.Any(invalid);
    }

    /// <returns>A NaN where the sum is NaN, or the maximum infinite; all bits 0 elsewhere.</returns>
    // Without a loop of its own it would begin as code that is not optimised, for the first tenth of a second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TLanes Log(double* sums, double* maxima, T* labelLogits, double* loss, double* topLoss)
    {
        TLanes sum = TLanes.Load(sums);
        TLanes max = TLanes.Load(maxima);
        TLanes log = LaneMath<TLanes>.Log1p(sum);
        TLanes.Store(log, topLoss);
        TLanes.Store(log + (max - TLogit.Load<TLanes>(labelLogits)), loss);
        return TLanes.Or(sum * TLanes.Create(0), max - max);
    }

    /// <summary>The terms of four registers of rows: exp(z - max), and 0 for the predicted class.</summary>
    private readonly void Exps(T** columns, nint first, int r)
    {
        TLanes zero = TLanes.Create(0);
        TLanes index = zero;
        double* terms = _terms + r;
        double* max = _max + r;
        double* predicted = _predicted + r;
        for (int c = 0; c < _classes; c++)
        {
            T* z = columns[c] + first;
            LaneMath<TLanes>.ExpFour(
                TLanes.Load(max) - TLogit.Load<TLanes>(z),
                TLanes.Load(max + TLanes.Count) - TLogit.Load<TLanes>(z + TLanes.Count),
                TLanes.Load(max + (2 * TLanes.Count)) - TLogit.Load<TLanes>(z + (2 * TLanes.Count)),
                TLanes.Load(max + (3 * TLanes.Count)) - TLogit.Load<TLanes>(z + (3 * TLanes.Count)),
                out TLanes e0,
                out TLanes e1,
                out TLanes e2,
                out TLanes e3);
            TLanes.Store(TLanes.SelectEqual(TLanes.Load(predicted), index, zero, e0), terms);
            TLanes.Store(TLanes.SelectEqual(TLanes.Load(predicted + TLanes.Count), index, zero, e1), terms + TLanes.Count);
            TLanes.Store(TLanes.SelectEqual(TLanes.Load(predicted + (2 * TLanes.Count)), index, zero, e2), terms + (2 * TLanes.Count));
            TLanes.Store(TLanes.SelectEqual(TLanes.Load(predicted + (3 * TLanes.Count)), index, zero, e3), terms + (3 * TLanes.Count));
            index += TLanes.Create(1);
            terms += Group;
        }
    }

    // Of a row that is skipped, the first class's.
    private readonly void FetchLabelLogits(int row, int rows, int* labels)
    {
        T* to = _labelLogits;
        if (_values == null)
        {
            T** columns = _columns;
            for (nint r = 0; r < rows; r++)
            {
                to[r] = columns[(nint)(uint)Math.Max(labels[r], 0)][row + r];
            }

            return;
        }

        T* values = _values + ((nint)row * _classes);
        for (nint r = 0; r < rows; r++)
        {
            to[r] = values[(uint)Math.Max(labels[r], 0)];
            values += _classes;
        }
    }

    /// <summary>Ranks where the label may tie with another class; where it is the predicted class itself, it is the first of those that tie.</summary>
    private readonly void RankTied(T** columns, nint first, int row, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int r = 0; r < labels.Length; r++)
        {
            int label = labels[r];
            if (label < 0 || label == losses.Predicted[row + r])
            {
                continue;
            }

            T labelLogit = columns[label][first + r];
            int rank = 1;
            for (int c = 0; c < _classes; c++)
            {
                T z = columns[c][first + r];
                rank += z > labelLogit || (z == labelLogit && c < label) ? 1 : 0;
            }

            losses.Rank[row + r] = rank;
        }
    }

    /// <summary>Takes back what was reported of skipped and invalid rows.</summary>
    private readonly void Reject(T** columns, nint first, int row, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int r = 0; r < labels.Length; r++)
        {
            RowStatus status = labels[r] < 0 ? RowStatus.Skipped
                : HasNaN(columns, first + r) ? RowStatus.NaN
                : _order.Max[r] == T.PositiveInfinity ? RowStatus.Infinity
                : _order.Max[r] == T.NegativeInfinity ? RowStatus.AllMasked
                : RowStatus.Valid;
            if (status != RowStatus.Valid)
            {
                losses.Reject(row + r, status);
            }
        }
    }

    private readonly bool HasNaN(T** columns, nint row)
    {
        for (int c = 0; c < _classes; c++)
        {
            if (T.IsNaN(columns[c][row]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The group's rows into the tile.</summary>
    private readonly void Fill(int row, int rows)
    {
        if (_values != null && rows == Group)
        {
            for (int r = 0; r < Group; r += Lanes)
            {
                Transposition<T>.EightRows(_values + ((nint)(row + r) * _classes), _classes, _tile + r, Group);
            }

            return;
        }

        for (nint c = 0; c < _classes; c++)
        {
            for (int r = 0; r < Group; r++)
            {
                nint from = row + Math.Min(r, rows - 1);
                _tile[(c * Group) + r] = _values == null ? _columns[c][from] : _values[(from * _classes) + c];
            }
        }
    }
}
