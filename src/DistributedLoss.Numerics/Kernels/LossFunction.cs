namespace DistributedLoss.Numerics.Kernels;

/// <summary>What the values of a row are.</summary>
public enum LossInput
{
    /// <summary>Raw scores: log-softmax is taken of them.</summary>
    Logits,

    /// <summary>Logarithms of probabilities, as <c>log_softmax</c> gives them; taken as they are.</summary>
    LogProbs,

    /// <summary>Probabilities, as <c>softmax</c> gives them; taken as they are.</summary>
    Probs,

    /// <summary>Independent log-odds, one a class, each with a target of its own: <see cref="BinaryEvaluator"/>.</summary>
    BinaryLogits,

    /// <summary>Independent probabilities, likewise.</summary>
    BinaryProbs,
}

public static class LossInputs
{
    /// <summary>In the order of their values, which are 0, 1, 2, ...</summary>
    public static LossInput[] All => [LossInput.Logits, LossInput.LogProbs, LossInput.Probs, LossInput.BinaryLogits, LossInput.BinaryProbs];

    /// <summary>The names of <see cref="All"/>.</summary>
    public static string[] Names => [Name(LossInput.Logits), Name(LossInput.LogProbs), Name(LossInput.Probs), Name(LossInput.BinaryLogits), Name(LossInput.BinaryProbs)];

    /// <summary>Whether a row holds independent elements rather than one distribution.</summary>
    public static bool IsBinary(this LossInput input) => input is LossInput.BinaryLogits or LossInput.BinaryProbs;

    /// <summary>The input's name on the command line and in results.</summary>
    public static string Name(LossInput input) => input switch
    {
        LossInput.Logits => "logits",
        LossInput.LogProbs => "log-probs",
        LossInput.Probs => "probs",
        LossInput.BinaryLogits => "binary-logits",
        LossInput.BinaryProbs => "binary-probs",
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, null),
    };
}

/// <summary>
/// How values and a label become a row's loss; by default plain cross-entropy of logits. Definitions are those of
/// <c>torch.nn.functional.cross_entropy</c> and <c>nll_loss</c> with index targets.
/// </summary>
public sealed record LossFunction
{
    public const double DefaultSumTolerance = 1e-3;

    public LossInput Input { get; init; }

    /// <summary>Logits are divided by it, each quotient rounded once to float64, before anything else. Above 0, finite.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// From 0 to 1: this share of the target's weight is spread evenly over all classes, the label's own included. The row's loss is
    /// (1 - E) times the label's loss plus E / C times the sum of all classes' losses.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How far a row's probabilities may sum from 1.</summary>
    public double SumTolerance { get; init; } = DefaultSumTolerance;

    /// <summary>Whether <see cref="RowKernel"/> alone evaluates it.</summary>
    public bool IsPlain => Input == LossInput.Logits && Temperature == 1 && LabelSmoothing == 0;
}
