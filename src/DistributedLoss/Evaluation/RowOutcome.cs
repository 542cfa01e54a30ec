using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>What became of one row, or of one position of a sequence, or of one element of a binary row: evaluated, ignored, or invalid for a cause.</summary>
public readonly record struct RowOutcome
{
    private RowOutcome(long? label) => Label = label;

    /// <summary>
    /// As it is in the file; null where it is null there, or an unsigned one of 2^63 or more (which is invalid). Of a soft target the class of the largest
    /// entry, null where the target is no distribution. Null of an element.
    /// </summary>
    public long? Label { get; }

    /// <summary>An evaluated element's target, as it is in the file; null for any other.</summary>
    public double? Target { get; private init; }

    /// <summary>
    /// Loss, predicted class and the label's rank; null for a row that is not evaluated. The loss is what the row adds to the sum: with smoothing and
    /// weights, rounded once. An element is predicted 0 or 1, and has rank 1 if its target is on that side, else 2.
    /// </summary>
    public (double Loss, int Predicted, int Rank)? Evaluated { get; private init; }

    /// <summary>Why the row is invalid; null for one that is evaluated or ignored.</summary>
    public InvalidCause? Cause { get; private init; }

    /// <summary>An evaluated row's loss at its label, without smoothing and weights; 0 of an element.</summary>
    public double LabelLoss { get; private init; }

    /// <summary>What an evaluated row adds to the denominator; null in runs without weights, where it is 1.</summary>
    public double? Weight { get; private init; }

    /// <summary>The softmax at the label, exp(-<see cref="LabelLoss"/>): as far off, relatively, as that is absolutely, and 1 ulp. Null of an element.</summary>
    public double? Probability => Evaluated is null || Target is not null ? null : Elementary.Exp(-LabelLoss);

    /// <summary>An evaluated element's probability of a positive target; null for any other.</summary>
    public double? PositiveProbability { get; private init; }

    /// <summary>
    /// In sequences, the row within the file and the position within the row, from 0; of an element, its row and class (null where the row is not evaluated); null
    /// elsewhere, where rows follow each other.
    /// </summary>
    public (long Row, int? Index)? Place { get; init; }

    public static RowOutcome Of(long label, double loss, int predicted, int rank) => Of(label, loss, predicted, rank, loss, null);

    public static RowOutcome Of(long label, double loss, int predicted, int rank, double labelLoss, double? weight) =>
        new(label) { Evaluated = (loss, predicted, rank), LabelLoss = labelLoss, Weight = weight };

    public static RowOutcome OfElement(double target, double loss, bool isPredicted, int rank, double positiveProbability, double? weight) =>
        new(null) { Target = target, Evaluated = (loss, isPredicted ? 1 : 0, rank), PositiveProbability = positiveProbability, Weight = weight };

    public static RowOutcome Ignored(long? label) => new(label);

    public static RowOutcome Invalid(long? label, InvalidCause cause) => new(label) { Cause = cause };
}

/// <summary>Takes the rows of a shard one by one, in their order.</summary>
public interface IRowSink
{
    void Add(in RowOutcome row);
}
