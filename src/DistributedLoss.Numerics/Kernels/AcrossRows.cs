using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Eight rows at a time, one in each lane; for few classes, and for column-major blocks of any number. Classes come in tiles of 64,
/// widened and class-major: tile[8 c + r]. A last group of fewer rows repeats its last row; repeated lanes are not looked at.
/// </summary>
internal static unsafe class AcrossRows<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    private const int Group = LaneCount.Logical;
    private const int TileClasses = BlockSum<TLanes>.Classes;
    private const int Alignment = 64; // bytes: a vector then never straddles a cache line

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        byte* memory = stackalloc byte[(2 * TileClasses * Group * sizeof(double)) + (24 * Group * sizeof(double)) + Alignment];
        memory = (byte*)(((nuint)memory + Alignment - 1) & ~(nuint)(Alignment - 1));
        fixed (byte* values = block.Values)
        fixed (nint* columns = block.Columns)
        {
            Worker worker = new()
            {
                Values = (TRaw*)values,
                Columns = (TRaw**)columns,
                Classes = block.Classes,
                Tile = (double*)memory,
                Raw = (TRaw*)(memory + (TileClasses * Group * sizeof(double))),
                Sums = (double*)(memory + (2 * TileClasses * Group * sizeof(double))),
            };
            for (int row = 0; row < block.Rows; row += Group)
            {
                int count = Math.Min(Group, block.Rows - row);
                if (labels.Slice(row, count).ContainsAnyExcept(-1))
                {
                    worker.Evaluate(row, count, labels.Slice(row, count), losses);
                }
                else
                {
                    for (int r = 0; r < count; r++)
                    {
                        losses.Reject(row + r, RowStatus.Skipped);
                    }
                }
            }
        }
    }

    private ref struct Worker
    {
        public TRaw* Values;
        public TRaw** Columns;
        public int Classes;
        public double* Tile;
        public TRaw* Raw;
        public double* Sums;

        private TLanes _max;
        private TLanes _min;
        private TLanes _predicted;
        private TLanes _invalid;

        [SkipLocalsInit]
        public void Evaluate(int row, int count, ReadOnlySpan<int> labels, in RowLosses losses)
        {
            double* max = stackalloc double[Group];
            double* label = stackalloc double[Group];
            new Span<double>(label, Group).Clear();
            double* loss = stackalloc double[Group];
            double* predicted = stackalloc double[Group];
            double* invalid = stackalloc double[Group];

            Scan(row, count, labels, label);
            TLanes.Store(_max, max);
            TLanes.Store(_predicted, predicted);
            TLanes.Store(_invalid, invalid);
            SumExps(row, count);
            TLanes.Store(BlockSum<TLanes>.Loss(Sums, Math.Min(Classes, Group), _max, TLanes.Load(label)), loss);
            bool ranked = false;
            for (int r = 0; r < count; r++)
            {
                RowStatus status = labels[r] < 0 ? RowStatus.Skipped
                    : invalid[r] != 0 ? RowStatus.NaN
                    : max[r] == double.PositiveInfinity ? RowStatus.Infinity
                    : max[r] == double.NegativeInfinity ? RowStatus.AllMasked
                    : RowStatus.Valid;
                if (status != RowStatus.Valid)
                {
                    losses.Reject(row + r, status);
                    continue;
                }

                losses.Loss[row + r] = loss[r];
                losses.Predicted[row + r] = (int)predicted[r];
                losses.Status[row + r] = status;
                losses.Rank[row + r] = 1;
                ranked |= (int)predicted[r] != labels[r];
            }

            if (ranked)
            {
                Rank(row, count, labels, label, losses);
            }
        }

        /// <summary>Maximum, first index of it, minimum, NaN, and the label's logit.</summary>
        private void Scan(int row, int count, ReadOnlySpan<int> labels, double* label)
        {
            TLanes max = TLanes.Create(double.NegativeInfinity);
            TLanes min = TLanes.Create(double.PositiveInfinity);
            TLanes predicted = TLanes.Create(0);
            TLanes valid = TLanes.Create(1);
            for (int first = 0; first < Classes; first += TileClasses)
            {
                int n = Math.Min(TileClasses, Classes - first);
                Fill(row, count, first, n);
                TLanes index = TLanes.Create(first);
                TLanes one = TLanes.Create(1);
                for (int c = 0; c < n; c++)
                {
                    TLanes z = TLanes.Load(Tile + (c * Group));
                    TLanes above = TLanes.GreaterThan(z, max);
                    max = TLanes.Select(above, z, max);
                    predicted = TLanes.Select(above, index, predicted);
                    min = TLanes.Select(TLanes.GreaterThan(min, z), z, min);
                    valid = TLanes.And(valid, TLanes.Equal(z, z));
                    index += one;
                }

                for (int r = 0; r < count; r++)
                {
                    uint c = (uint)(labels[r] - first);
                    if (c < (uint)n)
                    {
                        label[r] = Tile[(c * Group) + r];
                    }
                }
            }

            _max = max;
            _min = min;
            _predicted = predicted;
            _invalid = TLanes.Create(1) - valid;
        }

        private void SumExps(int row, int count)
        {
            // NaN compares false: such a row takes the narrow path, and its result is not looked at.
            bool wide = TLanes.Any(TLanes.GreaterThan(TLanes.Create(LaneMath<TLanes>.ExpNormalAbove), _min - _max));
            for (int first = 0; first < Classes; first += TileClasses)
            {
                int n = Math.Min(TileClasses, Classes - first);
                if (Classes > TileClasses)
                {
                    Fill(row, count, first, n);
                }

                if (wide)
                {
                    Exps<WideExp>(first, n);
                }
                else
                {
                    Exps<NormalExp>(first, n);
                }

                for (int lane = 0; lane < Group; lane++)
                {
                    TLanes sum = default;
                    TLanes lost = default;
                    if (first > 0)
                    {
                        sum = TLanes.Load(Sums + (lane * Group));
                        lost = TLanes.Load(Sums + ((Group + lane) * Group));
                        BlockSum<TLanes>.Add(ref sum, ref lost, SlotTree(lane, n));
                    }
                    else
                    {
                        sum = SlotTree(lane, n);
                    }

                    TLanes.Store(sum, Sums + (lane * Group));
                    TLanes.Store(lost, Sums + ((Group + lane) * Group));
                }
            }
        }

        private readonly void Exps<TExp>(int first, int n)
            where TExp : struct, IExp
        {
            TLanes max = _max;
            TLanes predicted = _predicted;
            TLanes index = TLanes.Create(first);
            TLanes one = TLanes.Create(1);
            for (int c = 0; c < n; c++)
            {
                TLanes e = TExp.Exp(TLanes.Load(Tile + (c * Group)) - max);
                TLanes.Store(TLanes.Select(TLanes.Equal(index, predicted), default, e), Tile + (c * Group));
                index += one;
            }
        }

        /// <summary>One lane's slots of the tile, added in the definition's order; absent slots are zeros.</summary>
        private readonly TLanes SlotTree(int lane, int n)
        {
            int slots = (n - lane + Group - 1) / Group;
            double* tile = Tile + (lane * Group);
            const int Stride = Group * Group;
            if (slots <= 0)
            {
                return default;
            }

            TLanes sum = TLanes.Load(tile);
            if (slots > 1)
            {
                sum += TLanes.Load(tile + Stride);
            }

            if (slots > 2)
            {
                sum += Two(tile + (2 * Stride), slots - 2);
            }

            if (slots > 4)
            {
                TLanes upper = Two(tile + (4 * Stride), slots - 4);
                sum += slots > 6 ? upper + Two(tile + (6 * Stride), slots - 6) : upper;
            }

            return sum;

            static TLanes Two(double* tile, int slots) =>
                slots > 1 ? TLanes.Load(tile) + TLanes.Load(tile + Stride) : TLanes.Load(tile);
        }

        private void Rank(int row, int count, ReadOnlySpan<int> labels, double* label, in RowLosses losses)
        {
            double* scratch = stackalloc double[Group];
            for (int r = 0; r < Group; r++)
            {
                scratch[r] = r < count ? labels[r] : -1;
            }

            TLanes labelIndex = TLanes.Load(scratch);
            TLanes labelLogit = TLanes.Load(label);
            TLanes one = TLanes.Create(1);
            TLanes rank = one;
            for (int first = 0; first < Classes; first += TileClasses)
            {
                int n = Math.Min(TileClasses, Classes - first);
                Fill(row, count, first, n);
                TLanes index = TLanes.Create(first);
                for (int c = 0; c < n; c++)
                {
                    TLanes z = TLanes.Load(Tile + (c * Group));
                    TLanes tiedBefore = TLanes.And(TLanes.Equal(z, labelLogit), TLanes.GreaterThan(labelIndex, index));
                    rank += TLanes.And(TLanes.Or(TLanes.GreaterThan(z, labelLogit), tiedBefore), one);
                    index += one;
                }
            }

            TLanes.Store(rank, scratch);
            for (int r = 0; r < count; r++)
            {
                if (losses.Status[row + r] == RowStatus.Valid)
                {
                    losses.Rank[row + r] = (int)scratch[r];
                }
            }
        }

        /// <summary>Classes [first, first + n) of the group's rows into the tile.</summary>
        private readonly void Fill(int row, int count, int first, int n)
        {
            if (Values == null)
            {
                FillFromColumns(row, count, first, n);
                return;
            }

            TRaw* r0 = Values + ((nint)row * Classes) + first;
            TRaw* r1 = r0 + (count > 1 ? Classes : 0);
            TRaw* r2 = r1 + (count > 2 ? Classes : 0);
            TRaw* r3 = r2 + (count > 3 ? Classes : 0);
            TRaw* r4 = r3 + (count > 4 ? Classes : 0);
            TRaw* r5 = r4 + (count > 5 ? Classes : 0);
            TRaw* r6 = r5 + (count > 6 ? Classes : 0);
            TRaw* r7 = r6 + (count > 7 ? Classes : 0);
            TRaw* raw = Raw;
            for (int c = 0; c < n; c++)
            {
                raw[0] = r0[c];
                raw[1] = r1[c];
                raw[2] = r2[c];
                raw[3] = r3[c];
                raw[4] = r4[c];
                raw[5] = r5[c];
                raw[6] = r6[c];
                raw[7] = r7[c];
                raw += Group;
            }

            for (int c = 0; c < n; c++)
            {
                TLanes.Store(TLogit.Load<TLanes>(Raw + (c * Group)), Tile + (c * Group));
            }
        }

        private readonly void FillFromColumns(int row, int count, int first, int n)
        {
            for (int c = 0; c < n; c++)
            {
                TRaw* source = Columns[first + c] + row;
                if (count < Group)
                {
                    for (int r = 0; r < Group; r++)
                    {
                        Raw[r] = source[Math.Min(r, count - 1)];
                    }

                    source = Raw;
                }

                TLanes.Store(TLogit.Load<TLanes>(source), Tile + (c * Group));
            }
        }
    }

    private interface IExp
    {
        static abstract TLanes Exp(TLanes d);
    }

    private readonly struct NormalExp : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Exp(TLanes d) => LaneMath<TLanes>.ExpNormal(d);
    }

    private readonly struct WideExp : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Exp(TLanes d) => LaneMath<TLanes>.Exp(d);
    }
}
