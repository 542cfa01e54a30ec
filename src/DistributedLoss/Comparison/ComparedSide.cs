using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>One of the two: rows in files, in order, that can be entered anywhere.</summary>
public abstract class ComparedSide
{
    private long[]? _starts;
    private long[]? _firstOrders;

    /// <summary>In path order.</summary>
    public abstract IReadOnlyList<InputFile> Files { get; }

    /// <summary>Whether its files hold losses rather than logits.</summary>
    public abstract bool HoldsLosses { get; }

    /// <summary>Rows in the files' footers; of losses, lines.</summary>
    public long Rows => Files.Sum(f => f.Rows);

    /// <summary>Whether rows hold independent elements.</summary>
    internal abstract bool IsBinary { get; }

    internal abstract bool IsSequence { get; }

    internal abstract bool IsWeighted { get; }

    /// <summary>C; null where nothing says.</summary>
    internal abstract int? Classes { get; }

    internal abstract IReadOnlyList<string>? ClassNames { get; }

    /// <summary>In file and row order: each row once.</summary>
    internal abstract IReadOnlyList<Shard> Shards { get; }

    /// <summary>Numbers of files, as rows name them.</summary>
    internal NameTable Names { get; } = new();

    /// <summary>Among all rows, that of each shard's first, and behind them the number of all.</summary>
    internal long[] Starts => _starts ??= Running([.. Shards.Select(s => s.Rows)]);

    /// <param name="hasGaps">Whether logits are wanted as well.</param>
    /// <param name="expands">Whether a row of elements that is not evaluated stands for as many as if it were.</param>
    internal abstract RowCursor NewCursor(ComparisonOptions options, SliceTable? slices, bool hasGaps, bool expands);

    /// <summary>Among all rows, that of a file's first.</summary>
    internal long FirstOrder(int file) => (_firstOrders ??= Running([.. Files.Select(f => f.Rows)]))[file];

    /// <summary>The parts of shards that hold a range of the rows.</summary>
    internal IEnumerable<Shard> Cut(long first, long rows)
    {
        long end = first + rows;
        int index = Array.BinarySearch(Starts, first);
        for (int s = index >= 0 ? index : ~index - 1; s < Shards.Count && Starts[s] < end; s++)
        {
            var shard = Shards[s];
            long skip = Math.Max(0, first - Starts[s]);
            long kept = Math.Min(end, Starts[s] + shard.Rows) - Starts[s] - skip;
            if (kept > 0)
            {
                yield return shard with { Start = shard.Start with { FirstRow = shard.Start.FirstRow + skip }, Rows = kept };
            }
        }
    }

    /// <summary>Where a row is, for messages.</summary>
    internal string Place(in ComparedRow row) =>
        $"{Names[row.File]}: row group {row.RowGroup}, row {row.Row}{(row.Index < 0 ? "" : IsBinary ? $", class {row.Index}" : $", position {row.Index}")}";

    private static long[] Running(long[] counts)
    {
        long[] sums = new long[counts.Length + 1];
        for (int i = 0; i < counts.Length; i++)
        {
            sums[i + 1] = sums[i] + counts[i];
        }

        return sums;
    }
}
