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

    /// <summary>Whether the weights are the classes' and labels are smoothed, so that a row's loss has two parts of different weight.</summary>
    public bool Smoothed { get; init; }
}
