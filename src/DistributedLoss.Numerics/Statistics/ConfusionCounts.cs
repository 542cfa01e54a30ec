using System.Diagnostics.CodeAnalysis;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>Rows of a label that were predicted as another class.</summary>
public readonly record struct ConfusedPair(int Label, int Predicted, long Count);

/// <summary>
/// The confusion matrix: how often each label was predicted as each class. Up to <see cref="MostDenseClasses"/> classes it is whole; beyond, only the wrong pairs
/// that occur are kept, up to a limit. Integers, mergeable in any order, to the same bits.
/// </summary>
/// <remarks>
/// Memory comes with the first row: 8 C^2 bytes up to 1,000 classes (8 MB); beyond, 21 to 43 bytes for each distinct wrong pair, and half as much more while
/// the table grows. Whether a limit is passed depends on the distinct pairs of all rows alone, not on their order or merging.
/// </remarks>
public sealed partial class ConfusionCounts
{
    public const int MostDenseClasses = 1_000;
    public const int DefaultPairLimit = 4_000_000;

    private readonly PairTable? _pairs;
    private long[] _matrix = [];

    /// <param name="classes">C.</param>
    /// <param name="pairLimit">The most distinct wrong pairs that are kept beyond 1,000 classes.</param>
    public ConfusionCounts(int classes, int pairLimit = DefaultPairLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        ArgumentOutOfRangeException.ThrowIfNegative(pairLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pairLimit, PairTable.MostPairs);
        (Classes, PairLimit) = (classes, pairLimit);
        if (!IsDense)
            _pairs = new(pairLimit);
    }

    public int Classes { get; }

    public int PairLimit { get; }

    /// <summary>Whether the right predictions are counted too, and <see cref="Row"/> can be read.</summary>
    [MemberNotNullWhen(false, nameof(_pairs))]
    public bool IsDense => Classes <= MostDenseClasses;

    /// <summary>Bytes of the heap in use.</summary>
    public long AllocatedBytes => 64 + (sizeof(long) * (long)_matrix.Length) + (_pairs?.AllocatedBytes ?? 0);

    /// <summary>Distinct pairs of a label and another class that occur.</summary>
    public int WrongPairs => _pairs?.Count ?? Pairs().Count(pair => pair.Label != pair.Predicted);

    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class is not in [0, Classes); nothing was added.</exception>
    /// <exception cref="LimitExceededException">There are more distinct wrong pairs than <see cref="PairLimit"/>: the counts are then of no use.</exception>
    public void Add(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted)
    {
        if (predicted.Length != labels.Length)
            throw new ArgumentException($"{labels.Length} labels cannot be counted with {predicted.Length} predictions.", nameof(labels));
        ThrowIfOutside(labels);
        ThrowIfOutside(predicted);
        if (IsDense)
        {
            var matrix = Matrix();
            for (var i = 0; i < labels.Length; i++)
                matrix[(labels[i] * Classes) + predicted[i]]++;
            return;
        }

        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] != predicted[i])
                _pairs.Add(PairTable.Key(labels[i], predicted[i]), 1);
        }
    }

    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    /// <exception cref="LimitExceededException">There are more distinct wrong pairs than <see cref="PairLimit"/>: the counts are then of no use.</exception>
    public void Add(ConfusionCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
            throw new ArgumentException($"Counts of {other.Classes} classes cannot be added to those of {Classes}.", nameof(other));
        if (!IsDense)
        {
            _pairs.Add(other._pairs!);
            return;
        }

        if (other._matrix.Length == 0)
            return;
        var matrix = Matrix();
        for (var i = 0; i < matrix.Length; i++)
            matrix[i] = checked(matrix[i] + other._matrix[i]);
    }

    /// <summary>Back to zeros, with the memory kept.</summary>
    public void Clear()
    {
        Array.Clear(_matrix);
        _pairs?.Clear();
    }

    /// <summary>Rows of the label that were predicted as the class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is not in [0, Classes).</exception>
    /// <exception cref="InvalidOperationException">The matrix is not dense and the two are the same: see <see cref="ClassTotals.Correct"/>.</exception>
    public long Count(int label, int predicted)
    {
        ThrowIfOutside([label]);
        ThrowIfOutside([predicted]);
        if (IsDense)
            return _matrix.Length == 0 ? 0 : _matrix[(label * Classes) + predicted];
        return label != predicted
            ? _pairs[PairTable.Key(label, predicted)]
            : throw new InvalidOperationException($"Among {Classes} classes right predictions, as of class {label}, are not counted here.");
    }

    /// <summary>The dense matrix's row of a label: a count for each predicted class; empty before any row was added.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label is not in [0, Classes).</exception>
    /// <exception cref="InvalidOperationException">The matrix is not dense.</exception>
    public ReadOnlySpan<long> Row(int label)
    {
        ThrowIfOutside([label]);
        if (!IsDense)
            throw new InvalidOperationException($"There is no dense matrix of {Classes} classes.");
        return _matrix.Length == 0 ? [] : _matrix.AsSpan(label * Classes, Classes);
    }

    /// <summary>The wrong pairs by falling count, and of equal ones by label and predicted class; at most <paramref name="most"/>.</summary>
    public ConfusedPair[] MostConfused(int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);

        // The queue gives up the pair that comes last first.
        var kept = new PriorityQueue<ConfusedPair, ConfusedPair>(Comparer<ConfusedPair>.Create((a, b) => InOrder(b, a)));
        foreach (var pair in Pairs())
        {
            if (pair.Label == pair.Predicted)
                continue;
            if (kept.Count < most)
                kept.Enqueue(pair, pair);
            else if (most > 0)
                kept.EnqueueDequeue(pair, pair);
        }

        var pairs = new ConfusedPair[kept.Count];
        for (var i = pairs.Length - 1; i >= 0; i--)
            pairs[i] = kept.Dequeue();
        return pairs;
    }

    private static int InOrder(ConfusedPair a, ConfusedPair b) =>
        a.Count != b.Count ? b.Count.CompareTo(a.Count) : (a.Label, a.Predicted).CompareTo((b.Label, b.Predicted));

    /// <summary>All pairs that occur, in no order.</summary>
    private IEnumerable<ConfusedPair> Pairs()
    {
        if (!IsDense)
            return _pairs.Entries();
        return Enumerable.Range(0, _matrix.Length).Where(i => _matrix[i] != 0).Select(i => new ConfusedPair(i / Classes, i % Classes, _matrix[i]));
    }

    private long[] Matrix()
    {
        if (_matrix.Length == 0)
            _matrix = new long[Classes * Classes];
        return _matrix;
    }

    private void ThrowIfOutside(ReadOnlySpan<int> classes)
    {
        var wrong = Classes == 0 ? classes.Length - 1 : Scan.FirstOutside(classes, 0, Classes - 1);
        if (wrong >= 0)
            throw new ArgumentOutOfRangeException(nameof(classes), classes[wrong], $"There are {Classes} classes.");
    }
}
