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
    private HardestRow[] _rows = [];
    private int _count;
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

        if (_count == _rows.Length)
        {
            Array.Resize(ref _rows, (int)Math.Min(2L * capacity, Math.Max(16, 2L * _count)));
        }

        _rows[_count++] = row;
        if (_count >= 2L * capacity)
        {
            Cut();
        }
    }

    public void Add(HardestRows other)
    {
        foreach (ref readonly var row in other._rows.AsSpan(0, other._count))
        {
            Add(row);
        }
    }

    /// <summary>In falling order of loss.</summary>
    public HardestRow[] ToSorted()
    {
        Cut();
        return _rows[.._count];
    }

    public void Clear()
    {
        _count = 0;
        _threshold = double.NegativeInfinity;
    }

    // Equal losses stand in file, row, position and class order, so that there is one order for any sharding.
    private static int HardestFirst(in HardestRow x, in HardestRow y)
    {
        int byLoss = y.Loss.CompareTo(x.Loss);
        int byFile = byLoss != 0 ? byLoss : x.File.CompareTo(y.File);
        int byRow = byFile != 0 ? byFile : x.Row.CompareTo(y.Row);
        int byPosition = byRow != 0 ? byRow : x.Position.CompareTo(y.Position);
        return byPosition != 0 ? byPosition : x.Label.CompareTo(y.Label);
    }

    private void Cut()
    {
        Sort(_rows.AsSpan(0, _count));
        _count = Math.Min(_count, capacity);
        if (_count == capacity && capacity > 0)
        {
            _threshold = _rows[_count - 1].Loss;
        }
    }

    /// <summary>
    /// A heap sort. The framework's sort is generic, and would be compiled as the process runs, in as long as it takes to evaluate thousands of rows.
    /// </summary>
    private static void Sort(Span<HardestRow> rows)
    {
        for (int root = (rows.Length / 2) - 1; root >= 0; root--)
        {
            Sift(rows, root);
        }

        for (int end = rows.Length - 1; end > 0; end--)
        {
            (rows[0], rows[end]) = (rows[end], rows[0]);
            Sift(rows[..end], 0);
        }
    }

    /// <summary>Lets the root sink until no child comes after it in the order.</summary>
    private static void Sift(Span<HardestRow> heap, int root)
    {
        for (int child = (2 * root) + 1; child < heap.Length; child = (2 * root) + 1)
        {
            if (child + 1 < heap.Length && HardestFirst(heap[child], heap[child + 1]) < 0)
            {
                child++;
            }

            if (HardestFirst(heap[root], heap[child]) >= 0)
            {
                return;
            }

            (heap[root], heap[child]) = (heap[child], heap[root]);
            root = child;
        }
    }
}
