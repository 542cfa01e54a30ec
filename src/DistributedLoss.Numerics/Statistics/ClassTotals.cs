using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Totals for each of C classes: rows labelled with it, rows predicted as it, rows that are both, and the exact sum of the losses
/// of the rows labelled with it. Infinite losses are counted apart, per class. Mergeable in any order, to the same bits.
/// </summary>
/// <remarks>24 bytes a class of counts, and those of <see cref="ExactSumArray"/>.</remarks>
public sealed partial class ClassTotals
{
    // Tables cost a few additions a class to empty.
    private const int LeastRowsOfClass = 4;

    private readonly Counts[] _counts;
    private readonly ExactSumArray _losses;

    public ClassTotals(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        _counts = new Counts[classes];
        _losses = new(classes);
    }

    private ClassTotals(Counts[] counts, ExactSumArray losses) => (_counts, _losses) = (counts, losses);

    public int Classes => _counts.Length;

    /// <summary>Bytes of the heap in use.</summary>
    public long AllocatedBytes => 64 + ((long)Classes * 3 * sizeof(long)) + _losses.AllocatedBytes;

    /// <summary>Counts one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is not in [0, Classes).</exception>
    public void Add(int label, int predicted, double loss)
    {
        ThrowIfOutside(label);
        ThrowIfOutside(predicted);
        _counts[label].Labelled++;
        _counts[predicted].Predicted++;
        if (label == predicted)
            _counts[label].Correct++;
        _losses.Add(label, loss);
    }

    /// <summary>Counts rows; the same as counting each, several times faster.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class is not in [0, Classes): the totals are then of no use.</exception>
    public void Add(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses) =>
        Add(labels, predicted, losses, LossRange.Of(losses));

    /// <inheritdoc cref="Add(ReadOnlySpan{int}, ReadOnlySpan{int}, ReadOnlySpan{double})"/>
    /// <param name="range">That of these losses.</param>
    public void Add(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses, in LossRange range)
    {
        if (predicted.Length != labels.Length || losses.Length != labels.Length)
            throw new ArgumentException($"{labels.Length} labels cannot be counted with {predicted.Length} predictions and {losses.Length} losses.", nameof(labels));
        for (var start = 0; start < labels.Length; start += TwoLimbs.MostValues)
        {
            var length = Math.Min(labels.Length - start, TwoLimbs.MostValues);
            var block = labels.Slice(start, length);
            if (!TryAddBlock(block, predicted.Slice(start, length), losses.Slice(start, length), range))
                AddRows(block, predicted.Slice(start, length), losses.Slice(start, length));
        }
    }

    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    public void Add(ClassTotals other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
            throw new ArgumentException($"Totals of {other.Classes} classes cannot be added to those of {Classes}.", nameof(other));
        _losses.Add(other._losses);
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] = _counts[i].Plus(other._counts[i]);
    }

    /// <summary>Back to zeros, with the memory kept.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        _losses.Clear();
    }

    /// <summary>Rows labelled with the class.</summary>
    public long Count(int label) => At(label).Labelled;

    /// <summary>Rows predicted as the class.</summary>
    public long Predicted(int label) => At(label).Predicted;

    /// <summary>Rows labelled with the class and predicted as it.</summary>
    public long Correct(int label) => At(label).Correct;

    /// <summary>The exact loss sum of the rows labelled with the class, infinities apart.</summary>
    public ExactSum LossSum(int label) => _losses.Get(label);

    /// <summary>The correctly rounded mean loss; null for a class without rows.</summary>
    public double? MeanLoss(int label) => Count(label) is > 0 and var count ? _losses.Quotient(label, count) : null;

    /// <summary>Correct / labelled, correctly rounded; null for a class without rows.</summary>
    public double? Recall(int label) => Ratio(Correct(label), Count(label));

    /// <summary>Correct / predicted, correctly rounded; null for a class never predicted.</summary>
    public double? Precision(int label) => Ratio(Correct(label), Predicted(label));

    /// <summary>2 correct / (labelled + predicted), correctly rounded; null for a class neither labelled nor predicted.</summary>
    public double? F1(int label) => Ratio(checked(2 * Correct(label)), checked(Count(label) + Predicted(label)));

    /// <summary>Counts a block of rows by way of small tables, where it is worth it and can be done; else counts nothing and says no.</summary>
    private bool TryAddBlock(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses, in LossRange range)
    {
        if (!range.IsPlain || Classes is 0 or > ClassBlock.MostClasses || labels.Length < Classes * LeastRowsOfClass
            || Scan.FirstOutside(labels, 0, Classes - 1) >= 0 || Scan.FirstOutside(predicted, 0, Classes - 1) >= 0
            || !TwoLimbs.TryFor(range.Greatest, out var limbs))
            return false;
        const int banks = ClassBlock.Banks;
        Span<Vector128<long>> sums = stackalloc Vector128<long>[banks * Classes];
        Span<ulong> counts = stackalloc ulong[banks * Classes];
        Span<uint> guesses = stackalloc uint[banks * Classes];
        sums.Clear();
        counts.Clear();
        guesses.Clear();
        var block = new ClassBlock(Classes, sums, counts, guesses);
        if (!block.TryAdd(limbs, labels, predicted, losses))
            return false;
        for (var i = 0; i < Classes; i++)
        {
            ref var row = ref _counts[i];
            row.Labelled += block.Rows(i);
            row.Correct += block.Correct(i);
            row.Predicted += block.Predicted(i);
            var (high, low) = block.Sums(i);
            if (block.Rows(i) != 0)
                _losses.AddLimbs(i, high, low, limbs);
        }

        return true;
    }

    private void AddRows(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses)
    {
        var counts = _counts;
        for (var i = 0; i < labels.Length; i++)
        {
            var (label, guess) = (labels[i], predicted[i]);
            ThrowIfOutside(label);
            ThrowIfOutside(guess);

            // Whether the guess is right is hard to predict: added, not branched on.
            ref var row = ref counts[label];
            row.Labelled++;
            row.Correct += label == guess ? 1 : 0;
            counts[guess].Predicted++;
        }

        _losses.Add(labels, losses);
    }

    private static double? Ratio(long part, long whole) => whole == 0 ? null : CorrectRounding.Quotient(part, whole);

    private Counts At(int label)
    {
        ThrowIfOutside(label);
        return _counts[label];
    }

    private void ThrowIfOutside(int label)
    {
        if ((uint)label >= (uint)_counts.Length)
            ThrowOutside(label);
    }

    [DoesNotReturn]
    private void ThrowOutside(int label) => throw new ArgumentOutOfRangeException(nameof(label), label, $"There are {_counts.Length} classes.");

    private record struct Counts(long Labelled, long Predicted, long Correct)
    {
        public readonly bool IsEmpty => (Labelled | Predicted) == 0;

        public readonly Counts Plus(Counts other) => checked(new(
            Labelled + other.Labelled, Predicted + other.Predicted, Correct + other.Correct));
    }
}
