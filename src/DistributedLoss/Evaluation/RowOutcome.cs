using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>What became of one row: evaluated, ignored, or invalid for a cause.</summary>
public readonly record struct RowOutcome
{
    private RowOutcome(long? label) => Label = label;

    /// <summary>As it is in the file; null where it is null there, or an unsigned one of 2^63 or more (which is invalid).</summary>
    public long? Label { get; }

    /// <summary>Loss, predicted class and the label's rank; null for a row that is not evaluated.</summary>
    public (double Loss, int Predicted, int Rank)? Evaluated { get; private init; }

    /// <summary>Why the row is invalid; null for one that is evaluated or ignored.</summary>
    public InvalidCause? Cause { get; private init; }

    /// <summary>The softmax at the label, exp(-loss): as far off, relatively, as the loss is absolutely, and 1 ulp.</summary>
    public double? Probability => Evaluated is var (loss, _, _) ? Elementary.Exp(-loss) : null;

    public static RowOutcome Of(long label, double loss, int predicted, int rank) => new(label) { Evaluated = (loss, predicted, rank) };

    public static RowOutcome Ignored(long? label) => new(label);

    public static RowOutcome Invalid(long? label, InvalidCause cause) => new(label) { Cause = cause };
}

/// <summary>Takes the rows of a shard one by one, in their order.</summary>
public interface IRowSink
{
    void Add(in RowOutcome row);
}
