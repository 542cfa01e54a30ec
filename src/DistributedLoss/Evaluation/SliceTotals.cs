using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Evaluation;

/// <summary>Totals of each slice of the rows, mergeable. Bounded: the slice that is one too many ends the run.</summary>
public sealed class SliceTotals(TotalsShape shape)
{
    /// <summary>Bytes that the slices of one totals may take; there are two a worker, and the run's.</summary>
    private const long MaxBytes = 512L << 20;

    // About what a slice takes: sums, bins and histogram; counts and an exact sum a class, and a sum of probabilities.
    private const long BytesPerSlice = 32 << 10;
    private const long BytesPerClass = 64;
    private const long BytesPerProbabilitySum = 24;

    // Confused pairs of a slice of more classes than a dense matrix takes, and what one takes in a table with room.
    private const int PairLimit = 1 << 16;
    private const long BytesPerPair = 32;

    private readonly TotalsShape _inner = shape with { SliceSets = [], Hardest = 0, PairLimit = PairLimit };
    private readonly long _bytesPerSlice = BytesOf(shape);
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

        if ((_slices.Count + 1) * _bytesPerSlice > MaxBytes)
        {
            string statistics = shape.Statistics.HasFlag(StatisticKinds.Confusion) ? ", or leave confusion out of --statistics" : "";
            Fail($"--slice-by {columns}: more than {_slices.Count} slices of {shape.Classes} classes do not fit {MaxBytes >> 20} MiB, at {_bytesPerSlice >> 10} KiB each; slice by columns of fewer values{statistics}");
        }
    }

    private static long BytesOf(TotalsShape shape)
    {
        long confusion = !shape.Statistics.HasFlag(StatisticKinds.Confusion) ? 0
            : shape.Classes <= ConfusionCounts.MostDenseClasses ? sizeof(long) * (long)shape.Classes * shape.Classes
            : PairLimit * BytesPerPair;
        long probabilities = shape.Statistics.HasFlag(StatisticKinds.ClassProbabilities) ? BytesPerProbabilitySum : 0;
        return BytesPerSlice + (shape.Classes * (BytesPerClass + probabilities)) + confusion;
    }

    [DoesNotReturn]
    private static void Fail(string message) => throw new BadInputException(message);
}
