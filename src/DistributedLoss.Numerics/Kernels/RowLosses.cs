namespace DistributedLoss.Numerics.Kernels;

/// <summary>What became of a row. NaN wins over Infinity, Infinity over AllMasked.</summary>
public enum RowStatus : byte
{
    /// <summary>Loss, prediction and rank hold. The loss is +inf when the label's own logit is -inf.</summary>
    Valid,

    /// <summary>The label was -1: the logits had no say.</summary>
    Skipped,

    /// <summary>A logit is NaN.</summary>
    NaN,

    /// <summary>A logit is +inf.</summary>
    Infinity,

    /// <summary>Every logit is -inf: no class is left.</summary>
    AllMasked,

    /// <summary>Probabilities that do not sum to 1 within the tolerance, or one below 0. Only <see cref="LossEvaluator"/> looks.</summary>
    Unnormalized,
}

/// <summary>
/// Outputs of one evaluated block, one entry per row. Unless the row's status is <see cref="RowStatus.Valid"/>,
/// its losses are NaN, its prediction -1 and its rank 0.
/// </summary>
public readonly ref struct RowLosses
{
    /// <param name="topLoss">May be empty: then it is not wanted.</param>
    public RowLosses(Span<double> loss, Span<int> predicted, Span<int> rank, Span<RowStatus> status, Span<double> topLoss = default)
    {
        Loss = loss;
        Predicted = predicted;
        Rank = rank;
        Status = status;
        TopLoss = topLoss;
    }

    /// <summary>Negative log-likelihood of the label, in nats.</summary>
    public Span<double> Loss { get; }

    /// <summary>The lowest index among equal maxima.</summary>
    public Span<int> Predicted { get; }

    /// <summary>1 + the classes above the label + the equal ones before it.</summary>
    public Span<int> Rank { get; }

    public Span<RowStatus> Status { get; }

    /// <summary>Negative log-likelihood of the predicted class, in nats: the confidence is its exp(-x). Empty where it is not wanted.</summary>
    public Span<double> TopLoss { get; }

    /// <summary>
    /// Where <see cref="WithinRow{TLanes,TLogit,TRaw}"/> is to leave the <see cref="SpreadSum{TLanes,TLogit,TRaw,TTerms}"/> of each row. Empty: not wanted, and after slicing.
    /// </summary>
    internal Span<double> SpreadSums { get; init; }

    /// <summary>With these sums, where it is to leave the exps of each row, <see cref="KeptRows.Stride"/> apart, the predicted class's being 0; on a cache line.</summary>
    internal Span<double> Exps { get; init; }

    internal RowLosses Slice(int row, int rows) => new(
        Loss.Slice(row, rows), Predicted.Slice(row, rows), Rank.Slice(row, rows), Status.Slice(row, rows), TopLoss.IsEmpty ? default : TopLoss.Slice(row, rows));

    /// <summary>Itself, if the top loss is wanted; else with this span for it.</summary>
    internal RowLosses WithTopLoss(Span<double> topLoss) => TopLoss.IsEmpty ? new(Loss, Predicted, Rank, Status, topLoss) : this;

    internal void Reject(int row, RowStatus status)
    {
        Loss[row] = double.NaN;
        Predicted[row] = -1;
        Rank[row] = 0;
        Status[row] = status;
        if (!TopLoss.IsEmpty)
        {
            TopLoss[row] = double.NaN;
        }
    }
}
