using DistributedLoss.Evaluation;

namespace DistributedLoss.Comparison;

/// <summary>What became of a row, position or element on one side; without references, so that it can be spilled as it is.</summary>
internal struct ComparedRow
{
    /// <summary>Of an <see cref="Index"/> that there is not.</summary>
    public const int NoIndex = -1;

    /// <summary>Number of the row (of a losses file: of its line) among all of its side.</summary>
    public long Order;

    /// <summary>Within its file, as messages and lists name it.</summary>
    public long Row;

    /// <summary>The label, or an element's target as bits; unless <see cref="HasLabel"/>, 0.</summary>
    public long Label;

    /// <summary>In nats, as --losses has it: with smoothing and weights.</summary>
    public double Loss;

    /// <summary>What the row adds to the denominator; 1 without weights.</summary>
    public double Weight;

    /// <summary>In the side's table of names.</summary>
    public int File;

    public int RowGroup;

    /// <summary>The position in a sequence, or an element's class.</summary>
    public int Index;

    public int Predicted;

    public RowFate Fate;

    public bool HasLabel;

    /// <summary>Whether the prediction is the label.</summary>
    public bool IsRight;

    public readonly bool IsEvaluated => Fate == RowFate.Evaluated;

    /// <param name="outcome">What place and order are not in it.</param>
    public static ComparedRow Of(in RowOutcome outcome, int file, int rowGroup, long row, long order, int index)
    {
        var (loss, predicted, rank) = outcome.Evaluated ?? default;
        long? label = outcome.Target is { } target ? BitConverter.DoubleToInt64Bits(target) : outcome.Label;
        return new ComparedRow
        {
            Order = order,
            Row = row,
            Label = label ?? 0,
            HasLabel = label is not null,
            Loss = loss,
            Weight = outcome.Weight ?? 1,
            File = file,
            RowGroup = rowGroup,
            Index = index,
            Predicted = predicted,
            IsRight = rank == 1,
            Fate = outcome.Evaluated is not null ? RowFate.Evaluated : outcome.Cause is { } cause ? RowFates.Of(cause) : RowFate.Ignored,
        };
    }
}
