using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Totals for each of K independent binary targets (multi-label rows, or K = 1): how many are positive, predicted positive, and both, and the exact loss sum.
/// Mergeable in any order, to the same bits.
/// </summary>
/// <remarks>
/// A target is positive from 0.5 up. A prediction is positive if its score is above the threshold, not at it: a logit of exactly 0 (a probability of exactly 0.5) predicts
/// negative, as torchmetrics and scikit-learn have it.
/// </remarks>
public sealed partial class BinaryClassTotals
{
    // Rows are in the tallies first, and in the others once these are read or full.
    private readonly BinaryTallies _tallies;
    private readonly BinaryCounts[] _counts;
    private readonly ExactSumArray _losses;

    /// <param name="classes">K.</param>
    public BinaryClassTotals(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        _counts = new BinaryCounts[classes];
        _losses = new(classes);
        _tallies = new(classes);
    }

    public int Classes => _counts.Length;

    /// <summary>Rows added: the elements of each class.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of the heap in use.</summary>
    public long AllocatedBytes => 64 + ((long)Classes * 3 * sizeof(long)) + _losses.AllocatedBytes + _tallies.AllocatedBytes;

    /// <summary>The measures of all classes' elements as one.</summary>
    public BinaryMeasures Micro
    {
        get
        {
            Settle();
            var total = default(BinaryCounts);
            foreach (var counts in _counts)
                total = total.Plus(counts);
            return Measures(total, checked(Rows * Classes));
        }
    }

    /// <summary>
    /// The correctly rounded means of the classes' measures, over all classes; as scikit-learn's default has it, one that is not defined counts as 0. Null without rows.
    /// </summary>
    public BinaryMeasures Macro
    {
        get
        {
            if (Rows == 0 || Classes == 0)
                return default;
            var (recall, precision, f1, accuracy) = (new ExactSum(), new ExactSum(), new ExactSum(), new ExactSum());
            for (var i = 0; i < Classes; i++)
            {
                var measures = Of(i);
                recall.Add(measures.Recall ?? 0);
                precision.Add(measures.Precision ?? 0);
                f1.Add(measures.F1 ?? 0);
                accuracy.Add(measures.Accuracy ?? 0);
            }

            return new(recall.Quotient(Classes), precision.Quotient(Classes), f1.Quotient(Classes), accuracy.Quotient(Classes));
        }
    }

    /// <summary>Adds whole rows of K elements, row after row.</summary>
    /// <param name="targets">0 to 1 each.</param>
    /// <param name="scores">Logits, or probabilities with a threshold of 0.5.</param>
    /// <param name="losses">Each element's loss.</param>
    /// <param name="threshold">What a score must be above to predict positive.</param>
    /// <exception cref="ArgumentException">The spans differ in length, or end within a row; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> targets, ReadOnlySpan<double> scores, ReadOnlySpan<double> losses, double threshold = 0)
    {
        if (scores.Length != targets.Length || losses.Length != targets.Length)
            throw new ArgumentException($"{targets.Length} targets cannot be counted with {scores.Length} scores and {losses.Length} losses.", nameof(targets));
        if (targets.Length == 0)
            return;
        if (Classes == 0 || targets.Length % Classes != 0)
            throw new ArgumentException($"{targets.Length} elements are no whole rows of {Classes}.", nameof(targets));
        Rows += targets.Length / Classes;
        while (!targets.IsEmpty)
        {
            if (_tallies.IsFull)
                Settle();
            var taken = _tallies.Add(targets, scores, losses, threshold, _losses);
            if (taken == 0)
            {
                AddOneByOne(targets, scores, losses, threshold);
                return;
            }

            targets = targets[taken..];
            scores = scores[taken..];
            losses = losses[taken..];
        }
    }

    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    public void Add(BinaryClassTotals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
            throw new ArgumentException($"Totals of {other.Classes} classes cannot be added to those of {Classes}.", nameof(other));
        Rows = checked(Rows + other.Rows);
        other.Settle();
        _losses.Add(other._losses);
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] = _counts[i].Plus(other._counts[i]);
    }

    /// <summary>Back to zeros, with the memory kept.</summary>
    public void Clear()
    {
        Rows = 0;
        _tallies.Clear();
        Array.Clear(_counts);
        _losses.Clear();
    }

    /// <summary>Elements of the class whose target is positive.</summary>
    public long Positives(int index) => At(index).Positive;

    /// <summary>Elements of the class that are predicted positive.</summary>
    public long PredictedPositives(int index) => At(index).Predicted;

    /// <summary>Elements of the class that are positive and predicted so.</summary>
    public long TruePositives(int index) => At(index).Both;

    /// <summary>The exact loss sum of the class, infinities apart.</summary>
    public ExactSum LossSum(int index) => Settled().Get(index);

    /// <summary>The correctly rounded mean loss of the class; null without rows.</summary>
    public double? MeanLoss(int index) => At(index) is var _ && Rows == 0 ? null : Settled().Quotient(index, Rows);

    /// <summary>The measures of one class.</summary>
    public BinaryMeasures Of(int index) => Measures(At(index), Rows);

    private static BinaryMeasures Measures(BinaryCounts counts, long elements)
    {
        var (positive, predicted, both) = counts;
        return new(
            Ratio(both, positive),
            Ratio(both, predicted),
            Ratio(checked(2 * both), checked(positive + predicted)),
            Ratio(elements - positive - predicted + (2 * both), elements));
    }

    private static double? Ratio(long part, long whole) => whole == 0 ? null : CorrectRounding.Quotient(part, whole);

    private BinaryCounts At(int index)
    {
        if ((uint)index >= (uint)_counts.Length)
            ThrowOutside(index);
        Settle();
        return _counts[index];
    }

    [DoesNotReturn]
    private void ThrowOutside(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {_counts.Length} classes.");

    /// <summary>The rows that do not fill a stretch of the tallies.</summary>
    private void AddOneByOne(ReadOnlySpan<double> targets, ReadOnlySpan<double> scores, ReadOnlySpan<double> losses, double threshold)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            var positive = targets[i] >= 0.5 ? 1 : 0;
            var predicted = scores[i] > threshold ? 1 : 0;
            _counts[i % Classes] = _counts[i % Classes].Plus(new(positive, predicted, positive & predicted));
            _losses.Add(i % Classes, losses[i]);
        }
    }

    private ExactSumArray Settled()
    {
        Settle();
        return _losses;
    }

    private void Settle() => _tallies.MoveTo(_counts, _losses);
}

internal readonly record struct BinaryCounts(long Positive, long Predicted, long Both)
{
    public BinaryCounts Plus(BinaryCounts other) => checked(new(Positive + other.Positive, Predicted + other.Predicted, Both + other.Both));
}

/// <summary>Integer ratios, correctly rounded; null where nothing is below the line.</summary>
/// <param name="Recall">True positives / positives.</param>
/// <param name="Precision">True positives / predicted positives.</param>
/// <param name="F1">2 true positives / (positives + predicted positives).</param>
/// <param name="Accuracy">(True positives + true negatives) / elements.</param>
public readonly record struct BinaryMeasures(double? Recall, double? Precision, double? F1, double? Accuracy);
