namespace DistributedLoss.Comparison;

/// <summary>A row whose loss moved, as lists name it.</summary>
/// <param name="Order">Of the row in A; with <paramref name="Index"/> it decides between equal moves.</param>
/// <param name="FileA">Where it is in A.</param>
/// <param name="Index">The position in a sequence, or an element's class; null for neither.</param>
/// <param name="Label">The class; of an element its target.</param>
public sealed record MovedRow(
    double Difference, double LossA, double LossB, long Order, string FileA, long RowA, string FileB, long RowB, int? Index, double Label, int PredictedA, int PredictedB);

/// <summary>The rows that moved farthest in one direction: no more than asked for, whatever the order in which they come.</summary>
internal sealed class MovedRows(int limit)
{
    // Room to collect before what is too much is sorted away.
    private readonly List<MovedRow> _rows = [];
    private readonly int _room = Math.Max(2 * limit, 16);

    /// <summary>Only rows that moved at least as far can be among them.</summary>
    public double Threshold { get; private set; } = limit == 0 ? double.PositiveInfinity : 0;

    public void Add(MovedRow row)
    {
        if (limit == 0)
        {
            return;
        }

        _rows.Add(row);
        if (_rows.Count >= _room)
        {
            Shrink();
        }
    }

    public void Add(MovedRows other)
    {
        foreach (var row in other._rows)
        {
            Add(row);
        }
    }

    /// <summary>The farthest first; equal moves in the order of A.</summary>
    public IReadOnlyList<MovedRow> Sorted()
    {
        Shrink();
        return _rows;
    }

    private void Shrink()
    {
        _rows.Sort((x, y) => Math.Abs(y.Difference).CompareTo(Math.Abs(x.Difference)) is not 0 and var byMove ? byMove
            : x.Order != y.Order ? x.Order.CompareTo(y.Order)
            : (x.Index ?? -1).CompareTo(y.Index ?? -1));
        if (_rows.Count > limit)
        {
            _rows.RemoveRange(limit, _rows.Count - limit);
        }

        if (_rows.Count == limit)
        {
            Threshold = Math.Abs(_rows[^1].Difference);
        }
    }
}
