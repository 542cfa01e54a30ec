using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// A group of rows at a time, side by side in the lanes, of more classes than <see cref="FewClasses{TLanes,TLogit,T}"/> takes: of column-major blocks of any number.
/// Classes come in tiles of 64, class-major: tile[32 c + r]. Rows are padded to a multiple of 8 by repeating the last; repeated rows are not looked at.
/// </summary>
internal unsafe ref struct AcrossRows<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    private const int Lanes = LaneCount.Logical;
    private const int Group = BlockSum<TLanes>.Rows;
    private const int TileClasses = BlockSum<TLanes>.BlockClasses;
    private const int TileValues = TileClasses * Group;

    private readonly TRaw* _values;
    private readonly TRaw** _columns;
    private readonly int _classes;

    private readonly double* _terms;
    private readonly double* _sums;
    private readonly TRaw* _tile;

    // By row of the group. Class numbers are exact in float64 and compare in its lanes; as integers they leave it.
    private readonly double* _max;
    private readonly double* _predicted;
    private readonly int* _predictedClass;
    private readonly int* _rank;
    private readonly double* _labelLogit;
    private readonly double* _result;

    private int _row;
    private int _rows;
    private int _padded;
    private bool _wide;

    private AcrossRows(in LogitBlock block, byte* values, nint* columns, Scratch scratch)
    {
        _values = (TRaw*)values;
        _columns = (TRaw**)columns;
        _classes = block.Classes;
        _terms = scratch.Take(TileValues);
        _tile = (TRaw*)scratch.Take(TileValues);
        _sums = scratch.Take(2 * Lanes * Group);
        _max = scratch.Take(Group);
        _predicted = scratch.Take(Group);
        _predictedClass = (int*)scratch.Take(Group / 2);
        _rank = (int*)scratch.Take(Group / 2);
        _labelLogit = scratch.Take(Group);
        _result = scratch.Take(Group);
    }

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        const int Doubles = (2 * TileValues) + (((2 * Lanes) + 5) * Group);
        byte* memory = stackalloc byte[Scratch.Bytes(Doubles)];
        fixed (byte* values = block.Values)
        fixed (nint* columns = block.Columns)
        {
            AcrossRows<TLanes, TLogit, TRaw> group = new(block, values, columns, new Scratch(memory));
            new Span<double>(group._labelLogit, Group).Clear();
            for (int row = 0; row < block.Rows; row += Group)
            {
                group.Evaluate(row, labels.Slice(row, Math.Min(Group, block.Rows - row)), losses);
            }
        }
    }

    private void Evaluate(int row, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        if (Scan.FirstOutside(labels, -1, -1) < 0)
        {
            for (int r = 0; r < labels.Length; r++)
            {
                losses.Reject(row + r, RowStatus.Skipped);
            }

            return;
        }

        _row = row;
        _rows = labels.Length;
        _padded = (_rows + Lanes - 1) / Lanes * Lanes;
        FindMax(labels);
        bool isNormal = SumExps();
        if (isNormal == _wide)
        {
            // The wide loop serves every row; the other only those that prove normal. Follow what the data is like.
            _wide = !isNormal;
            if (!isNormal)
            {
                SumExps();
            }
        }

        BlockSum<TLanes>.Loss(_sums, _rows, Lanes, _max, _labelLogit, _result);

        uint ranked = Report(labels, losses);
        if (ranked != 0)
        {
            FindRanks(ranked, labels, losses);
        }

        if (!isNormal || Scan.FirstOutside(labels, 0, int.MaxValue) >= 0)
        {
            Reject(isNormal, labels, losses);
        }
    }

    /// <summary>Losses and predictions of all rows, as if all were valid; bit r: row r has a label, and it was not predicted.</summary>
    private readonly uint Report(ReadOnlySpan<int> labels, in RowLosses losses)
    {
        new ReadOnlySpan<double>(_result, _rows).CopyTo(losses.Loss[_row..]);
        if (!losses.TopLoss.IsEmpty)
        {
            new ReadOnlySpan<double>(_sums, _rows).CopyTo(losses.TopLoss[_row..]);
        }
        losses.Status.Slice(_row, _rows).Clear(); // RowStatus.Valid
        losses.Rank.Slice(_row, _rows).Fill(1);
        new ReadOnlySpan<int>(_predictedClass, _rows).CopyTo(losses.Predicted[_row..]);
        uint ranked = 0;
        ReadOnlySpan<Vector256<int>> registers = MemoryMarshal.Cast<int, Vector256<int>>(labels);
        for (int i = 0; i < registers.Length; i++)
        {
            Vector256<int> equal = Vector256.Equals(registers[i], Vector256.Load(_predictedClass + (i * Vector256<int>.Count)));

            // A label of -1 has its sign bit set.
            ranked |= (~(registers[i] | equal)).ExtractMostSignificantBits() << (i * Vector256<int>.Count);
        }

        for (int r = registers.Length * Vector256<int>.Count; r < labels.Length; r++)
        {
            ranked |= (labels[r] < 0 || labels[r] == _predictedClass[r] ? 0u : 1u) << r;
        }

        return ranked;
    }

    /// <summary>Takes back what was reported of skipped and invalid rows.</summary>
    private readonly void Reject(bool isNormal, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        uint nan = isNormal ? 0 : NaNRows();
        for (int r = 0; r < labels.Length; r++)
        {
            RowStatus status = labels[r] < 0 ? RowStatus.Skipped
                : (nan >> r & 1) != 0 ? RowStatus.NaN
                : _max[r] == double.PositiveInfinity ? RowStatus.Infinity
                : _max[r] == double.NegativeInfinity ? RowStatus.AllMasked
                : RowStatus.Valid;
            if (status != RowStatus.Valid)
            {
                losses.Reject(_row + r, status);
            }
        }
    }

    /// <summary>Maximum, the first class that has it, and the label's logit. What a row with a NaN gets does not matter.</summary>
    private readonly void FindMax(ReadOnlySpan<int> labels)
    {
        for (int first = 0; first < _classes; first += TileClasses)
        {
            int n = Fill(first);

            // Each step waits for the last one's comparison: four registers of rows at a time fill the wait. A group is a multiple of them.
            for (int r = 0; r < _padded; r += 4 * TLanes.Count)
            {
                TLanes start = TLanes.Create(double.NegativeInfinity);
                TLanes max0 = first == 0 ? start : TLanes.Load(_max + r);
                TLanes max1 = first == 0 ? start : TLanes.Load(_max + r + TLanes.Count);
                TLanes max2 = first == 0 ? start : TLanes.Load(_max + r + (2 * TLanes.Count));
                TLanes max3 = first == 0 ? start : TLanes.Load(_max + r + (3 * TLanes.Count));
                TLanes predicted0 = first == 0 ? default : TLanes.Load(_predicted + r);
                TLanes predicted1 = first == 0 ? default : TLanes.Load(_predicted + r + TLanes.Count);
                TLanes predicted2 = first == 0 ? default : TLanes.Load(_predicted + r + (2 * TLanes.Count));
                TLanes predicted3 = first == 0 ? default : TLanes.Load(_predicted + r + (3 * TLanes.Count));
                TLanes index = TLanes.Create(first);
                TLanes one = TLanes.Create(1);
                TRaw* logits = _tile + r;
                for (int c = 0; c < n; c++)
                {
                    Follow(TLogit.Load<TLanes>(logits), index, ref max0, ref predicted0);
                    Follow(TLogit.Load<TLanes>(logits + TLanes.Count), index, ref max1, ref predicted1);
                    Follow(TLogit.Load<TLanes>(logits + (2 * TLanes.Count)), index, ref max2, ref predicted2);
                    Follow(TLogit.Load<TLanes>(logits + (3 * TLanes.Count)), index, ref max3, ref predicted3);
                    index += one;
                    logits += Group;
                }

                TLanes.Store(max0, _max + r);
                TLanes.Store(max1, _max + r + TLanes.Count);
                TLanes.Store(max2, _max + r + (2 * TLanes.Count));
                TLanes.Store(max3, _max + r + (3 * TLanes.Count));
                TLanes.Store(predicted0, _predicted + r);
                TLanes.Store(predicted1, _predicted + r + TLanes.Count);
                TLanes.Store(predicted2, _predicted + r + (2 * TLanes.Count));
                TLanes.Store(predicted3, _predicted + r + (3 * TLanes.Count));
            }

            for (int r = 0; r < labels.Length; r++)
            {
                int c = labels[r] - first;
                if ((uint)c < (uint)n)
                {
                    _labelLogit[r] = TLogit.Widen(_tile[(c * Group) + r]);
                }
            }
        }

        for (int r = 0; r < _padded; r += TLanes.Count)
        {
            TLanes.StoreIntegers(TLanes.Load(_predicted + r), _predictedClass + r);
        }
    }

    // Two comparisons, each used once, become two masked moves; one used twice would go through a register of masks, at twice the latency.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Follow(TLanes z, TLanes index, ref TLanes max, ref TLanes predicted)
    {
        predicted = TLanes.SelectAbove(z, max, index, predicted);
        max = TLanes.SelectAbove(max, z, max, z);
    }

    /// <summary>The sums of the terms, without the predicted classes; whether every row proved normal.</summary>
    private readonly bool SumExps()
    {
        TLanes widest = TLanes.Create(0);
        for (int first = 0; first < _classes; first += TileClasses)
        {
            int n = Fill(first);
            for (int r = 0; r < _padded; r += TLanes.Count)
            {
                widest = TLanes.MaxBits(widest, Exps<TLanes, TLogit, TRaw>.Evaluate(_wide, _tile + r, n, Group, TLanes.Load(_max + r), _terms + r));
            }

            for (int r = 0; r < _rows; r++)
            {
                int c = _predictedClass[r] - first;
                if ((uint)c < (uint)n)
                {
                    _terms[(c * Group) + r] = 0;
                }
            }

            int slotEnd = (n + Lanes - 1) / Lanes * Lanes;
            new Span<double>(_terms + (n * Group), (slotEnd - n) * Group).Clear();
            BlockSum<TLanes>.Add(_terms, n, Lanes * Group, Lanes * Group, _sums, first == 0);
        }

        return Exps<TLanes, TLogit, TRaw>.IsNormal(widest);
    }

    /// <summary>Bit r: row r has a NaN.</summary>
    private readonly uint NaNRows()
    {
        uint rows = 0;
        for (int first = 0; first < _classes; first += TileClasses)
        {
            int n = Fill(first);
            for (int c = 0; c < n; c++)
            {
                for (int r = 0; r < _rows; r++)
                {
                    rows |= double.IsNaN(TLogit.Widen(_tile[(c * Group) + r])) ? 1u << r : 0;
                }
            }
        }

        return rows;
    }

    /// <summary>Ranks of the rows whose bit is set, a register of rows at a time.</summary>
    private readonly void FindRanks(uint ranked, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        double* label = stackalloc double[Lanes];
        uint registerBits = (1u << TLanes.Count) - 1;
        for (int first = 0; first < _classes; first += TileClasses)
        {
            int n = Fill(first);
            for (int r = 0; r < _padded; r += TLanes.Count)
            {
                if ((ranked >> r & registerBits) == 0)
                {
                    continue;
                }

                for (int lane = 0; lane < TLanes.Count; lane++)
                {
                    label[lane] = labels[Math.Min(r + lane, labels.Length - 1)];
                }

                TLanes rank = first == 0 ? TLanes.Create(1) : TLanes.Load(_result + r);
                TLanes.Store(rank + CountAbove(first, n, _tile + r, TLanes.Load(label), TLanes.Load(_labelLogit + r)), _result + r);
            }
        }

        for (; ranked != 0; ranked &= ranked - 1)
        {
            int r = BitOperations.TrailingZeroCount(ranked);
            losses.Rank[_row + r] = (int)_result[r];
        }
    }

    private static TLanes CountAbove(int first, int n, TRaw* logits, TLanes label, TLanes labelLogit)
    {
        TLanes count = TLanes.Create(0);
        TLanes index = TLanes.Create(first);
        TLanes one = TLanes.Create(1);
        for (int c = 0; c < n; c++)
        {
            TLanes z = TLogit.Load<TLanes>(logits);
            TLanes tiedBefore = TLanes.And(TLanes.Equal(z, labelLogit), TLanes.GreaterThan(label, index));
            count += TLanes.And(TLanes.Or(TLanes.GreaterThan(z, labelLogit), tiedBefore), one);
            index += one;
            logits += Group;
        }

        return count;
    }

    /// <summary>Classes from <paramref name="first"/> on into the tile; how many.</summary>
    private readonly int Fill(int first)
    {
        int n = Math.Min(TileClasses, _classes - first);
        if (_values == null)
        {
            FillFromColumns(first, n);
        }
        else
        {
            FillFromRows(first, n);
        }

        return n;
    }

    private readonly void FillFromRows(int first, int n)
    {
        for (int row = 0; row < _padded; row += Lanes)
        {
            TRaw* start = _values + ((nint)(_row + row) * _classes) + first;
            int last = Math.Min(Lanes, _rows - row) - 1;
            TRaw* r0 = start;
            TRaw* r1 = start + ((nint)Math.Min(1, last) * _classes);
            TRaw* r2 = start + ((nint)Math.Min(2, last) * _classes);
            TRaw* r3 = start + ((nint)Math.Min(3, last) * _classes);
            TRaw* r4 = start + ((nint)Math.Min(4, last) * _classes);
            TRaw* r5 = start + ((nint)Math.Min(5, last) * _classes);
            TRaw* r6 = start + ((nint)Math.Min(6, last) * _classes);
            TRaw* r7 = start + ((nint)Math.Min(7, last) * _classes);
            TRaw* tile = _tile + row;
            for (nint c = 0; c < n; c++)
            {
                tile[0] = r0[c];
                tile[1] = r1[c];
                tile[2] = r2[c];
                tile[3] = r3[c];
                tile[4] = r4[c];
                tile[5] = r5[c];
                tile[6] = r6[c];
                tile[7] = r7[c];
                tile += Group;
            }
        }
    }

    private readonly void FillFromColumns(int first, int n)
    {
        TRaw* tile = _tile;
        for (int c = 0; c < n; c++)
        {
            TRaw* column = _columns[first + c] + _row;
            Unsafe.CopyBlockUnaligned(tile, column, (uint)(_rows * sizeof(TRaw)));
            for (int r = _rows; r < _padded; r++)
            {
                tile[r] = column[_rows - 1];
            }

            tile += Group;
        }
    }
}
