using System.Diagnostics.CodeAnalysis;

namespace DistributedLoss.Evaluation;

/// <summary>Totals of each slice of the rows, mergeable. Bounded: the slice that is one too many ends the run.</summary>
public sealed class SliceTotals(TotalsShape shape)
{
    /// <summary>Bytes that the slices of one totals may take, at about what their classes take.</summary>
    private const long MaxBytes = 1L << 30;

    // Counts and an exact sum a class, and what a slice takes besides.
    private const long BytesPerClass = 64;
    private const long BytesPerSlice = 64 << 10;

    private readonly TotalsShape _inner = shape with { SliceSets = [], Hardest = 0 };
    private readonly Dictionary<SliceKey, Totals> _slices = [];
    private readonly Stack<Totals> _free = [];

    public int Count => _slices.Count;

    /// <summary>In the order of their keys.</summary>
    public IEnumerable<(SliceKey Key, Totals Totals)> Sorted => _slices.OrderBy(s => s.Key, Comparer<SliceKey>.Create(SliceKey.Compare)).Select(s => (s.Key, s.Value));

    /// <summary>The slice's totals, begun when it is new.</summary>
    /// <exception cref="BadInputException">There would be too many slices.</exception>
    public Totals this[SliceKey key]
    {
        get
        {
            if (!_slices.TryGetValue(key, out var totals))
            {
                CheckCount();
                totals = _free.TryPop(out var free) ? free : new Totals(_inner);
                _slices.Add(key, totals);
            }

            return totals;
        }
    }

    /// <exception cref="BadInputException">There would be too many slices.</exception>
    public void Add(SliceTotals other)
    {
        foreach (var (key, totals) in other._slices)
        {
            this[key].Add(totals);
        }
    }

    public void Clear()
    {
        foreach (var totals in _slices.Values)
        {
            totals.Clear();
            _free.Push(totals);
        }

        _slices.Clear();
    }

    private void CheckCount()
    {
        string columns = string.Join(" and ", shape.SliceSets.Select(s => string.Join(',', s)));
        if (_slices.Count >= shape.MaxSlices)
        {
            Fail($"--slice-by {columns}: there are more than {shape.MaxSlices} slices (--max-slices); slice by columns of fewer values, or raise the limit");
        }

        if ((_slices.Count + 1) * (BytesPerSlice + (shape.Classes * BytesPerClass)) > MaxBytes)
        {
            Fail($"--slice-by {columns}: more than {_slices.Count} slices of {shape.Classes} classes do not fit {MaxBytes >> 20} MiB; slice by columns of fewer values");
        }
    }

    [DoesNotReturn]
    private static void Fail(string message) => throw new BadInputException(message);
}
