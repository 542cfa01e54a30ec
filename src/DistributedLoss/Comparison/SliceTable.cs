using DistributedLoss.Evaluation;

namespace DistributedLoss.Comparison;

/// <summary>Numbers for slices, for all threads; no result depends on which slice has which number.</summary>
internal sealed class SliceTable(IReadOnlyList<IReadOnlyList<string>> sets, int limit)
{
    private readonly Dictionary<SliceKey, int> _numbers = [];
    private readonly List<SliceKey> _keys = [];

    /// <summary>Sets of columns: a row is in one slice of each.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Sets => sets;

    /// <summary>By their numbers; when nothing is added any more.</summary>
    public IReadOnlyList<SliceKey> Keys => _keys;

    /// <exception cref="BadInputException">There would be too many slices.</exception>
    public int NumberOf(SliceKey key)
    {
        lock (_keys)
        {
            if (!_numbers.TryGetValue(key, out int number))
            {
                if (_keys.Count == limit)
                {
                    throw new BadInputException(
                        $"--slice-by {string.Join(" and ", sets.Select(s => string.Join(',', s)))}: there are more than {limit} slices (--max-slices); slice by columns of fewer values, or raise the limit");
                }

                number = _keys.Count;
                _numbers.Add(key, number);
                _keys.Add(key);
            }

            return number;
        }
    }
}

/// <summary>Finds the slices of rows from what is read beside them. For one thread.</summary>
internal sealed class SliceFinder
{
    private readonly SliceTable _table;
    private readonly SideColumns _side;
    private readonly int[][] _columns;
    private readonly Dictionary<(int, int), int>[][] _crossings;
    private readonly Dictionary<int, int>[] _numbers;

    public SliceFinder(SliceTable table, SideColumns side)
    {
        (_table, _side) = (table, side);
        _columns = [.. table.Sets.Select(set => set.Select(side.KeyColumnIndex).ToArray())];
        _crossings = [.. _columns.Select(columns => columns.Select(_ => new Dictionary<(int, int), int>()).ToArray())];
        _numbers = [.. _columns.Select(_ => new Dictionary<int, int>())];
    }

    public int Sets => _columns.Length;

    /// <summary>The slice of a row that was read last, in one of the sets.</summary>
    /// <exception cref="BadInputException">There would be too many slices.</exception>
    public int Find(int set, int row)
    {
        int crossing = 0;
        for (int c = 0; c < _columns[set].Length; c++)
        {
            var pair = (crossing, _side.Keys(_columns[set][c])[row]);
            if (!_crossings[set][c].TryGetValue(pair, out crossing))
            {
                crossing = _crossings[set][c].Count;
                _crossings[set][c].Add(pair, crossing);
            }
        }

        if (!_numbers[set].TryGetValue(crossing, out int number))
        {
            number = _table.NumberOf(new SliceKey(set, [.. _columns[set].Select(column => _side.Text(column, _side.Keys(column)[row]))]));
            _numbers[set].Add(crossing, number);
        }

        return number;
    }
}
