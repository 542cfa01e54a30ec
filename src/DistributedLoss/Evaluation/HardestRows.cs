using System.Runtime.Intrinsics;

namespace DistributedLoss.Evaluation;

/// <summary>A row and its loss.</summary>
/// <param name="Row">0-based within the file.</param>
public readonly record struct HardestRow(double Loss, int File, int RowGroup, long Row, int Label, int Predicted, int Rank)
{
    /// <summary>In a sequence, from 0; -1 where a row is no sequence.</summary>
    public int Position { get; init; } = -1;
}

/// <summary>The N rows with the largest loss, mergeable.</summary>
public sealed class HardestRows(int capacity)
{
    // Up to twice the capacity, then sorted and cut: a row costs O(log N) amortised, and most rows only the compare with the threshold.
    private readonly List<HardestRow> _rows = [];
    private double _threshold = double.NegativeInfinity;

    public int Capacity => capacity;

    /// <summary>A row with a smaller loss than this is not among the hardest.</summary>
    public double Threshold => capacity == 0 ? double.PositiveInfinity : _threshold;

    /// <summary>Where the next loss stands, from one on, that is not below the threshold, as a NaN is; the length if there is none.</summary>
    internal static int NextCandidate(ReadOnlySpan<double> losses, int from, double threshold)
    {
        var least = Vector256.Create(threshold);
        int i = from;
        for (; i + (2 * Vector256<double>.Count) <= losses.Length; i += 2 * Vector256<double>.Count)
        {
            var low = Vector256.GreaterThanOrEqual(Vector256.Create(losses[i..]), least);
            var high = Vector256.GreaterThanOrEqual(Vector256.Create(losses[(i + Vector256<double>.Count)..]), least);
            if ((low | high).AsUInt64() != Vector256<ulong>.Zero)
            {
                break;
            }
        }

        while (i < losses.Length && !(losses[i] >= threshold))
        {
            i++;
        }

        return i;
    }

    public void Add(in HardestRow row)
    {
        if (capacity == 0 || row.Loss < _threshold)
        {
            return;
        }

        _rows.Add(row);
        if (_rows.Count >= 2L * capacity)
        {
            Cut();
        }
    }

    public void Add(HardestRows other)
    {
        foreach (var row in other._rows)
        {
            Add(row);
        }
    }

    /// <summary>In falling order of loss.</summary>
    public IReadOnlyList<HardestRow> ToSorted()
    {
        Cut();
        return [.. _rows];
    }

    public void Clear()
    {
        _rows.Clear();
        _threshold = double.NegativeInfinity;
    }

    // Equal losses stand in file, row, position and class order, so that there is one order for any sharding.
    private static int HardestFirst(HardestRow x, HardestRow y)
    {
        int byLoss = y.Loss.CompareTo(x.Loss);
        int byFile = byLoss != 0 ? byLoss : x.File.CompareTo(y.File);
        int byRow = byFile != 0 ? byFile : x.Row.CompareTo(y.Row);
        int byPosition = byRow != 0 ? byRow : x.Position.CompareTo(y.Position);
        return byPosition != 0 ? byPosition : x.Label.CompareTo(y.Label);
    }

    private void Cut()
    {
        _rows.Sort(HardestFirst);
        if (_rows.Count > capacity)
        {
            _rows.RemoveRange(capacity, _rows.Count - capacity);
        }

        if (_rows.Count == capacity && capacity > 0)
        {
            _threshold = _rows[^1].Loss;
        }
    }
}
