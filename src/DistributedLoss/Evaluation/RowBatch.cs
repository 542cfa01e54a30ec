using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>What became of a row: evaluated, ignored, or invalid for the cause that follows <see cref="FirstCause"/>.</summary>
internal enum RowFate : byte
{
    Evaluated,
    Ignored,
    FirstCause,
}

internal static class RowFates
{
    public static RowFate Of(InvalidCause cause) => RowFate.FirstCause + (byte)cause;

    /// <summary>Null for a row that is evaluated or ignored.</summary>
    public static InvalidCause? Cause(this RowFate fate) => fate < RowFate.FirstCause ? null : (InvalidCause)(fate - RowFate.FirstCause);
}

/// <summary>
/// The rows of a tile, column by column: what a <see cref="TileEvaluator"/> writes and totals add. Columns that the run does not need are empty.
/// Allocated once, for tiles of at most so many rows.
/// </summary>
internal sealed class RowBatch
{
    private readonly List<Array> _columns = [];

    public RowBatch(int capacity, TotalsShape shape)
    {
        Fate = new RowFate[capacity];
        Status = new RowStatus[capacity];
        Label = Column<int>(capacity);
        Loss = Column<double>(capacity);
        Predicted = Column<int>(capacity);
        Rank = Column<int>(capacity);
        Weight = Column<double>(shape.Weighted ? capacity : 0);
        LabelLoss = Column<double>(shape.Smoothed ? capacity : 0);
        SampleWeight = Column<double>(shape.Smoothed ? capacity : 0);
        Smoothing = Column<double>(shape.Smoothed ? capacity : 0);
    }

    /// <summary>Rows in use, from the front.</summary>
    public int Count { get; set; }

    public RowFate[] Fate { get; }

    /// <summary>What the kernel says of the row.</summary>
    public RowStatus[] Status { get; }

    /// <summary>The class, or <see cref="Labels.Skip"/>.</summary>
    public int[] Label { get; }

    /// <summary>Without weights, in nats.</summary>
    public double[] Loss { get; }

    public int[] Predicted { get; }

    /// <summary>The label's.</summary>
    public int[] Rank { get; }

    /// <summary>The row's share of the denominator: class weight times sample weight, rounded once. For weighted runs.</summary>
    public double[] Weight { get; }

    /// <summary>With smoothing and class weights, the label's own part of the loss: (1 - E) times its loss.</summary>
    public double[] LabelLoss { get; }

    /// <summary>With smoothing and class weights, what <see cref="Smoothing"/> counts with.</summary>
    public double[] SampleWeight { get; }

    /// <summary>With smoothing and class weights, E / C times the sum over the classes of weight times loss.</summary>
    public double[] Smoothing { get; }

    public bool AreAllEvaluated => !Fate.AsSpan(0, Count).ContainsAnyExcept(RowFate.Evaluated);

    /// <summary>Drops the rows that are not evaluated; the others keep their order.</summary>
    public void KeepEvaluated()
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (Fate[i] == RowFate.Evaluated)
            {
                if (kept != i)
                {
                    Move(i, kept);
                }

                kept++;
            }
        }

        Count = kept;
    }

    /// <summary>Fills another batch with some of the evaluated rows of this one.</summary>
    public void CopyTo(RowBatch target, ReadOnlySpan<int> rows)
    {
        for (int c = 0; c < _columns.Count; c++)
        {
            switch (_columns[c])
            {
                case double[] values:
                    Gather(values, (double[])target._columns[c], rows);
                    break;
                case int[] values:
                    Gather(values, (int[])target._columns[c], rows);
                    break;
            }
        }

        target.Fate.AsSpan(0, rows.Length).Clear();
        target.Count = rows.Length;
    }

    private static void Gather<T>(T[] source, T[] target, ReadOnlySpan<int> rows)
    {
        if (source.Length == 0)
        {
            return;
        }

        for (int i = 0; i < rows.Length; i++)
        {
            target[i] = source[rows[i]];
        }
    }

    private void Move(int from, int to)
    {
        Fate[to] = Fate[from];
        foreach (var column in _columns)
        {
            switch (column)
            {
                case double[] { Length: > 0 } values:
                    values[to] = values[from];
                    break;
                case int[] { Length: > 0 } values:
                    values[to] = values[from];
                    break;
            }
        }
    }

    private T[] Column<T>(int length)
    {
        var column = length == 0 ? [] : new T[length];
        _columns.Add(column);
        return column;
    }
}
