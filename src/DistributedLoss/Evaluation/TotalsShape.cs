using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Evaluation;

/// <summary>Which totals a run keeps: equal for all that are to be added to each other.</summary>
public sealed record TotalsShape
{
    /// <summary>C; 0 when no row with logits was found, and none can be added.</summary>
    public required int Classes { get; init; }

    /// <summary>The k of the top-k accuracies.</summary>
    public IReadOnlyList<int> TopK { get; init; } = [1];

    /// <summary>How many of the hardest rows to keep.</summary>
    public int Hardest { get; init; }

    /// <summary>Whether rows have weights.</summary>
    public bool Weighted { get; init; }

    /// <summary>Whether a row's numerator has two parts of different weight: see <see cref="RowBatch.LabelLoss"/>.</summary>
    public bool HasRest { get; init; }

    /// <summary>Whether rows hold independent elements, one a class, each with a target of its own.</summary>
    public bool IsBinary { get; init; }

    /// <summary>An element is predicted positive if its score is above this: 0 for logits, a half for probabilities.</summary>
    public double PositiveAbove { get; init; }

    /// <summary>Whether targets are distributions over the classes.</summary>
    public bool IsSoft { get; init; }

    /// <summary>Whether a row of the file holds a sequence of positions, each of which counts as a row.</summary>
    public bool IsSequence { get; init; }

    public StatisticKinds Statistics { get; init; }

    /// <inheritdoc cref="EvaluationOptions.SlopeTemperatures"/>
    public IReadOnlyList<double> SlopeTemperatures { get; init; } = [];

    /// <summary>Pairs of confused classes that there may be, where they are too many for a dense matrix.</summary>
    public int PairLimit { get; init; } = ConfusionCounts.DefaultPairLimit;

    /// <summary>Sets of columns that rows are sliced by.</summary>
    public IReadOnlyList<IReadOnlyList<string>> SliceSets { get; init; } = [];

    /// <summary>Slices that there may be, of all sets together.</summary>
    public int MaxSlices { get; init; }

    /// <summary>The column whose groups have a mean; null for none.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Whether rows stand for a number of bytes.</summary>
    public bool CountsBytes { get; init; }
}
