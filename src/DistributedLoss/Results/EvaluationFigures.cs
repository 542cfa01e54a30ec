namespace DistributedLoss.Results;

/// <summary>
/// The figures of some rows: of all of them, or of a slice. A function of data and options alone. Nullable figures are null when no row gives them a value, or
/// when they were not asked for.
/// </summary>
public sealed record EvaluationFigures
{
    public required RowFigures Rows { get; init; }
    public required LossFigures Loss { get; init; }

    /// <summary>The mean over groups; null without <c>--group-by</c>.</summary>
    public GroupFigures? Groups { get; init; }

    /// <summary>Top-k accuracies, ascending in k.</summary>
    public required IReadOnlyList<TopKFigure> Accuracy { get; init; }

    /// <summary>How well elements are predicted; null where rows have one label.</summary>
    public BinaryFigures? Binary { get; init; }

    /// <summary>The mean over the rows of 1 / rank of the label.</summary>
    public double? MeanReciprocalRank { get; init; }

    /// <summary>Null when not asked for.</summary>
    public CalibrationFigures? Calibration { get; init; }

    /// <summary>The mean over the rows of the sum over the classes of (probability - target)^2.</summary>
    public double? Brier { get; init; }

    /// <summary>The mean entropy of the predicted distribution, in nats.</summary>
    public double? Entropy { get; init; }

    /// <summary>The mean Kullback-Leibler divergence of the prediction from soft targets, in nats; null for other targets.</summary>
    public double? Divergence { get; init; }

    /// <summary>Null when not asked for.</summary>
    public DistributionFigures? Quantiles { get; init; }

    /// <summary>One entry a class, indexed by class.</summary>
    public required IReadOnlyList<ClassFigures> PerClass { get; init; }

    /// <summary>Null when not asked for.</summary>
    public ConfusionFigures? Confusion { get; init; }
}

/// <summary>Every row in one count.</summary>
public sealed record RowFigures(long Total, long Evaluated, long Ignored, IReadOnlyDictionary<string, long> Invalid);

/// <summary>Losses in nats. <see cref="Mean"/> is the correctly rounded quotient of the exact sum by <see cref="Denominator"/>.</summary>
public sealed record LossFigures
{
    internal const string WeightUnit = "weight";

    public double? Mean { get; init; }
    public double? Sum { get; init; }
    public double Denominator { get; init; }

    /// <summary>Whether the denominator is a sum of weights rather than a number of rows.</summary>
    public bool IsWeighted => DenominatorUnit == WeightUnit;

    /// <summary>What <see cref="Denominator"/> counts: weight, rows, positions or elements.</summary>
    public required string DenominatorUnit { get; init; }
    public double? StandardError { get; init; }
    public (double Low, double High)? Ci95 { get; init; }

    /// <summary>The mean in bits: mean / ln 2.</summary>
    public double? Bits { get; init; }

    /// <summary>The bytes that the evaluated rows stand for; null without <c>--bytes</c>.</summary>
    public double? Bytes { get; init; }

    /// <summary>The sum of the row losses, without weights, in bits, over <see cref="Bytes"/>; null without <c>--bytes</c> and when there are 0.</summary>
    public double? BitsPerByte { get; init; }
    public double? Perplexity { get; init; }
    public double? Min { get; init; }
    public double? Max { get; init; }

    /// <summary>Rows whose label has probability 0: their loss, and the mean, are infinite.</summary>
    public long Infinite { get; init; }

    /// <summary>Rows in whose loss 0 (a weight, or 1 - smoothing) multiplies infinity: the mean is NaN, as in PyTorch.</summary>
    public long Undefined { get; init; }
}

/// <summary>The mean of the groups' mean losses, in nats; a group whose weights sum to 0 has none.</summary>
public sealed record GroupFigures(string By, long Count, double? Mean, double? StandardError, (double Low, double High)? Ci95);

/// <summary>Of independent elements: all of them as one, and the mean over the classes of each class's figures, where one that is not defined counts as 0.</summary>
public sealed record BinaryFigures(Numerics.Statistics.BinaryMeasures Micro, Numerics.Statistics.BinaryMeasures Macro);

public sealed record TopKFigure(int K, double? Value);

/// <summary>How far confidence, the predicted class's probability, is from accuracy. Bins as in a reliability diagram.</summary>
/// <param name="Ece">The expected calibration error: the mean over the rows of their bin's |accuracy - mean confidence|.</param>
/// <param name="Mce">The largest of the bins' gaps.</param>
public sealed record CalibrationFigures(double? Ece, double? Mce, double? MeanConfidence, Numerics.Statistics.ReliabilityBin[] Bins);

/// <summary>How the row losses, without weights, are spread.</summary>
/// <param name="Quantiles">The q-quantiles by nearest rank, ascending in q.</param>
public sealed record DistributionFigures(IReadOnlyList<QuantileFigure> Quantiles, Numerics.Statistics.HistogramBar[] Histogram);

public sealed record QuantileFigure(string Name, double? Value);

/// <summary>One class's figures; quotients with denominator 0 are null.</summary>
public sealed record ClassFigures(
    int Class, long Count, double LossSum, double? LossMean, long Correct, long Predicted, double? Recall, double? Precision, double? F1)
{
    /// <summary>The class's name; null without names.</summary>
    public string? Name { get; init; }

    /// <summary>The mean over all rows of the class's probability; null when not asked for.</summary>
    public double? MeanProbability { get; init; }

    /// <summary>
    /// <see cref="MeanProbability"/> minus the class's share of the labels: the gradient of the unweighted mean loss with respect to a bias added to the class's logit.
    /// </summary>
    public double? Bias { get; init; }
}

/// <summary>Which classes are taken for which.</summary>
/// <param name="Matrix">By label, then by predicted class; null for more than <see cref="Numerics.Statistics.ConfusionCounts.MostDenseClasses"/> classes.</param>
/// <param name="MostConfused">The wrong pairs of the largest counts; equal ones by label, then predicted class.</param>
public sealed record ConfusionFigures(IReadOnlyList<long[]>? Matrix, IReadOnlyList<Numerics.Statistics.ConfusedPair> MostConfused);

/// <summary>The rows that share the values of some columns.</summary>
/// <param name="Key">The columns, with the slice's value in each as text, null for a null.</param>
public sealed record SliceFigures(IReadOnlyList<(string Column, string? Value)> Key, EvaluationFigures Figures);
