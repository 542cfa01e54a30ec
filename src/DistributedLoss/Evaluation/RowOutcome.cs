using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>What became of one row, or of one position of a sequence, or of one element of a binary row: evaluated, ignored, or invalid for a cause.</summary>
public readonly record struct RowOutcome
{
    private RowOutcome(long? label) => Label = label;

    /// <summary>As it is in the file; null where it is null there, or an unsigned one of 2^63 or more (which is invalid).</summary>
    public long? Label { get; }

    /// <summary>
    /// Loss, predicted class and the label's rank; null for a row that is not evaluated. The loss is what the row adds to the sum: with smoothing and
    /// weights, rounded once.
    /// </summary>
    public (double Loss, int Predicted, int Rank)? Evaluated { get; private init; }

    /// <summary>Why the row is invalid; null for one that is evaluated or ignored.</summary>
    public InvalidCause? Cause { get; private init; }

    /// <summary>An evaluated row's loss without smoothing and weights; null where the target is no single label.</summary>
    public double? LabelLoss { get; private init; }

    /// <summary>What an evaluated row adds to the denominator; null in runs without weights, where it is 1.</summary>
    public double? Weight { get; private init; }

    /// <summary>The softmax at the label, exp(-<see cref="LabelLoss"/>): as far off, relatively, as that is absolutely, and 1 ulp.</summary>
    public double? Probability => Evaluated is null || LabelLoss is not { } loss ? null : Elementary.Exp(-loss);

    /// <summary>
    /// In sequences, the row within the file and the position within the row, from 0; of an element, its row and class (null where the row is not evaluated); null
    /// elsewhere, where rows follow each other.
    /// </summary>
    public (long Row, int? Index)? Place { get; init; }

    public static RowOutcome Of(long label, double loss, int predicted, int rank) => Of(label, loss, predicted, rank, loss, null);

    public static RowOutcome Of(long label, double loss, int predicted, int rank, double? labelLoss, double? weight) =>
        new(label) { Evaluated = (loss, predicted, rank), LabelLoss = labelLoss, Weight = weight };

    public static RowOutcome Ignored(long? label) => new(label);

    public static RowOutcome Invalid(long? label, InvalidCause cause) => new(label) { Cause = cause };
}

/// <summary>Takes the rows of a shard one by one, in their order.</summary>
public interface IRowSink
{
    void Add(in RowOutcome row);
}
