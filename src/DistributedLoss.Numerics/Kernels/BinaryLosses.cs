namespace DistributedLoss.Numerics.Kernels;

/// <summary>What the values of independent binary elements are.</summary>
public enum BinaryInput
{
    /// <summary>Log-odds: the probability is 1 / (1 + exp(-z)). A prediction is positive above 0.</summary>
    Logits,

    /// <summary>Probabilities, taken as they are. A prediction is positive above 1/2.</summary>
    Probs,
}

/// <summary>
/// Outputs of one evaluated block of independent binary elements, row-major, one entry an element; statuses one a row. Unless its row's
/// status is <see cref="RowStatus.Valid"/>, an element's losses are NaN.
/// </summary>
public readonly ref struct BinaryLosses
{
    /// <param name="topLoss">May be empty: then it is not wanted.</param>
    public BinaryLosses(Span<double> loss, Span<double> score, Span<RowStatus> status, Span<double> topLoss = default)
    {
        Loss = loss;
        Score = score;
        Status = status;
        TopLoss = topLoss;
    }

    /// <summary>Cross-entropy of the target and the probability, in nats.</summary>
    public Span<double> Loss { get; }

    /// <summary>The value itself as float64, a logit divided by the temperature; of rows that are not valid too.</summary>
    public Span<double> Score { get; }

    /// <summary>
    /// Skipped; NaN: an element is; Infinity: one is infinite, of either sign; Unnormalized: a probability is below 0 or above 1. One a row.
    /// </summary>
    public Span<RowStatus> Status { get; }

    /// <summary>- log of the probability of what is predicted: the confidence is its exp(-x). Empty where it is not wanted.</summary>
    public Span<double> TopLoss { get; }
}
