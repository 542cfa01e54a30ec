using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Gives each row of a tile to the slices that it is in: one of every <c>--slice-by</c> set.</summary>
internal sealed class SliceRouter
{
    private readonly SliceSet[] _sets;
    private readonly RowBatch _part;
    private readonly int[] _order;

    // What each row of a tile adds its probabilities to; made when first needed, and then filled anew.
    private readonly ClassProbabilitySums[]?[] _sums;

    public SliceRouter(RunPlan plan)
    {
        _sets = [.. plan.Options.SliceBy.Select((columns, index) => new SliceSet(index, columns))];
        _part = new RowBatch(plan.BatchRows, plan.Shape with { SliceSets = [] });
        _order = new int[plan.BatchRows];
        _sums = new ClassProbabilitySums[]?[plan.BatchRows];
    }

    /// <summary>Finds the slices of the rows from <paramref name="first"/> on, whatever became of them.</summary>
    public void Assign(RowBatch rows, int first, SideColumns side)
    {
        for (int s = 0; s < _sets.Length; s++)
        {
            _sets[s].Assign(side, rows.Slice[s].AsSpan(first, rows.Count - first));
        }
    }

    /// <summary>Counts a row that is not evaluated.</summary>
    public void Count(RowBatch rows, int row, SliceTotals slices)
    {
        for (int s = 0; s < _sets.Length; s++)
        {
            slices[_sets[s].Key(rows.Slice[s][row])].Rows.AddOther(rows.Fate[row]);
        }
    }

    /// <inheritdoc cref="RowTally.ClassProbabilities"/>
    public ClassProbabilitySums[] ClassProbabilities(RowBatch rows, int row, ClassProbabilitySums[]? before, Totals totals)
    {
        if (before is not null && IsInSlicesOfRowBefore(rows, row))
        {
            return before;
        }

        var sums = _sums[row] ??= new ClassProbabilitySums[1 + _sets.Length];
        sums[0] = totals.Statistics.ClassProbabilities!;
        for (int s = 0; s < _sets.Length; s++)
        {
            sums[1 + s] = totals.Slices![_sets[s].Key(rows.Slice[s][row])].Statistics.ClassProbabilities!;
        }

        return sums;
    }

    /// <summary>Adds rows that are all evaluated.</summary>
    public void Add(RowBatch rows, SliceTotals slices)
    {
        for (int s = 0; s < _sets.Length; s++)
        {
            // Rows of one slice side by side, in their order.
            var ids = rows.Slice[s].AsSpan(0, rows.Count);
            _sets[s].Order(ids, _order);
            for (int first = 0; first < ids.Length;)
            {
                int id = ids[_order[first]];
                int end = first + 1;
                while (end < ids.Length && ids[_order[end]] == id)
                {
                    end++;
                }

                rows.CopyTo(_part, _order.AsSpan(first, end - first));
                slices[_sets[s].Key(id)].Add(_part);
                first = end;
            }
        }
    }

    private static bool IsInSlicesOfRowBefore(RowBatch rows, int row)
    {
        foreach (int[] ids in rows.Slice)
        {
            if (ids[row] != ids[row - 1])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The slices of one set of columns, numbered as they come.</summary>
    private sealed class SliceSet(int index, IReadOnlyList<string> columns)
    {
        private readonly Dictionary<(int, int), int>[] _crossings = [.. Enumerable.Range(1, columns.Count).Select(_ => new Dictionary<(int, int), int>())];
        private readonly List<SliceKey> _keys = [];
        private int[] _columns = [];
        private int[] _counts = [];

        public SliceKey Key(int id) => _keys[id];

        public void Assign(SideColumns side, Span<int> ids)
        {
            if (_columns.Length == 0)
            {
                _columns = [.. columns.Select(side.KeyColumnIndex)];
            }

            ids.Clear();
            for (int c = 0; c < _columns.Length; c++)
            {
                // The crossing of what came before with this column; the last one numbers the slices.
                var keys = side.Keys(_columns[c]);
                var crossing = _crossings[c];
                for (int i = 0; i < ids.Length; i++)
                {
                    var pair = (ids[i], keys[i]);
                    if (!crossing.TryGetValue(pair, out ids[i]))
                    {
                        ids[i] = crossing.Count;
                        crossing.Add(pair, ids[i]);
                        if (c == _columns.Length - 1)
                        {
                            _keys.Add(KeyOf(side, i));
                        }
                    }
                }
            }
        }

        /// <summary>The positions of the ids in rising order, equal ones in theirs: a counting sort.</summary>
        public void Order(ReadOnlySpan<int> ids, Span<int> order)
        {
            Array.Resize(ref _counts, Math.Max(_counts.Length, _keys.Count + 1));
            var next = _counts.AsSpan(0, _keys.Count + 1);
            next.Clear();
            foreach (int id in ids)
            {
                next[id + 1]++;
            }

            for (int k = 1; k < next.Length; k++)
            {
                next[k] += next[k - 1];
            }

            for (int i = 0; i < ids.Length; i++)
            {
                order[next[ids[i]]++] = i;
            }
        }

        private SliceKey KeyOf(SideColumns side, int row) => new(index, [.. _columns.Select(column => side.Text(column, side.Keys(column)[row]))]);
    }
}
