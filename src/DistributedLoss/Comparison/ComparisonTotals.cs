using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Comparison;

/// <summary>
/// Everything that is summed over pairs of rows, of a part or of all of them. Made of integers and exact sums, so that merging is order-free to the last bit. For one thread.
/// </summary>
internal sealed class ComparisonTotals(ComparedSide a, ComparedSide b, ComparisonOptions options, bool hasDivergence)
{
    private const int BatchRows = 4096;

    private readonly List<PairedGroup?> _slices = [];
    private readonly double[] _lossesA = new double[BatchRows];
    private readonly double[] _lossesB = new double[BatchRows];
    private readonly double[] _weights = new double[BatchRows];
    private readonly double[] _differences = new double[BatchRows];
    private int _batch;

    public ComparedRowCounts Rows { get; } = new();

    public PairedGroup All { get; } = new(a.IsWeighted);

    public PairedClassLosses Classes { get; } = new(a.IsWeighted);

    public DifferenceHistogram Histogram { get; } = new();

    public SignFlips Flips { get; } = new();

    public MovedRows Worse { get; } = new(options.Moved);

    public MovedRows Better { get; } = new(options.Moved);

    /// <summary>KL(A || B) of each pair; null where logits are not side by side.</summary>
    public ValueMean? Divergence { get; } = hasDivergence ? new ValueMean() : null;

    /// <summary>By the slices' numbers.</summary>
    public IReadOnlyList<PairedGroup?> Slices => _slices;

    /// <summary>Counts a pair, and adds it where both sides are evaluated.</summary>
    /// <param name="slices">Numbers of the slices that it is in.</param>
    /// <returns>Whether both are evaluated.</returns>
    public bool Add(in ComparedRow rowA, in ComparedRow rowB, ReadOnlySpan<int> slices)
    {
        Rows.Count(rowA, rowB);
        if (!rowA.IsEvaluated || !rowB.IsEvaluated)
        {
            return false;
        }

        (_lossesA[_batch], _lossesB[_batch], _weights[_batch]) = (rowA.Loss, rowB.Loss, rowA.Weight);
        if (++_batch == BatchRows)
        {
            Flush();
        }

        All.Count(rowA, rowB);
        int label = a.IsBinary ? rowA.Index : (int)rowA.Label;
        Classes.Add(label, rowA.Loss, rowB.Loss, rowA.Weight, rowA.IsRight, rowB.IsRight);
        foreach (int number in slices)
        {
            var slice = Slice(number);
            slice.Losses.Add(rowA.Loss, rowB.Loss, rowA.Weight);
            slice.Count(rowA, rowB);
        }

        double difference = rowB.Loss - rowA.Loss;
        if (difference != 0 && !double.IsNaN(difference))
        {
            var moved = difference > 0 ? Worse : Better;
            if (Math.Abs(difference) >= moved.Threshold)
            {
                moved.Add(Moved(rowA, rowB, difference));
            }
        }

        return true;
    }

    /// <summary>Adds what waits; before anything is read.</summary>
    public void Flush()
    {
        var differences = _differences.AsSpan(0, _batch);
        All.Losses.Add(_lossesA.AsSpan(0, _batch), _lossesB.AsSpan(0, _batch), a.IsWeighted ? _weights.AsSpan(0, _batch) : [], differences);
        Histogram.Add(differences);
        Flips.Add(differences);
        _batch = 0;
    }

    public void Add(ComparisonTotals other)
    {
        Flush();
        other.Flush();
        Rows.Add(other.Rows);
        All.Add(other.All);
        Classes.Add(other.Classes);
        Histogram.Add(other.Histogram);
        Flips.Add(other.Flips);
        Worse.Add(other.Worse);
        Better.Add(other.Better);
        Divergence?.Add(other.Divergence!);
        for (int number = 0; number < other._slices.Count; number++)
        {
            if (other._slices[number] is { } slice)
            {
                Slice(number).Add(slice);
            }
        }
    }

    /// <summary>SHA-256 over canonical bytes, in hex: equal for equal losses, labels, predictions and options, however the rows are stored, cut and paired.</summary>
    /// <param name="keys">The slices' keys, by their numbers.</param>
    public string Digest(IReadOnlyList<SliceKey> keys)
    {
        using var bytes = new HashWriter();
        bytes.Write("dloss comparison 1\n"u8);
        Rows.WriteTo(bytes);
        All.WriteTo(bytes);
        Classes.WriteTo(bytes);
        Histogram.WriteTo(bytes);
        Divergence?.WriteTo(bytes);
        foreach (var (key, slice) in Sorted(keys))
        {
            byte[] identity = Encoding.UTF8.GetBytes(key.Identity);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), identity.Length);
            bytes.Advance(sizeof(int));
            bytes.Write(identity);
            slice.WriteTo(bytes);
        }

        return bytes.Finish();
    }

    /// <summary>The slices that have pairs, in the order of their keys.</summary>
    public IEnumerable<(SliceKey Key, PairedGroup Slice)> Sorted(IReadOnlyList<SliceKey> keys) =>
        _slices.Select((slice, number) => (Key: number, slice)).Where(s => s.slice is not null)
            .Select(s => (keys[s.Key], s.slice!)).OrderBy(s => s.Item1, Comparer<SliceKey>.Create(SliceKey.Compare));

    private PairedGroup Slice(int number)
    {
        while (_slices.Count <= number)
        {
            _slices.Add(null);
        }

        return _slices[number] ??= new PairedGroup(a.IsWeighted);
    }

    private MovedRow Moved(in ComparedRow rowA, in ComparedRow rowB, double difference) => new(
        difference,
        rowA.Loss,
        rowB.Loss,
        rowA.Order,
        a.Names[rowA.File],
        rowA.Row,
        b.Names[rowB.File],
        rowB.Row,
        rowA.Index < 0 ? null : rowA.Index,
        a.IsBinary ? BitConverter.Int64BitsToDouble(rowA.Label) : rowA.Label,
        rowA.Predicted,
        rowB.Predicted);
}
