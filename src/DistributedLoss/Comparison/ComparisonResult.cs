using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>
/// Two runs over the same rows: A, the baseline, and B. All but <see cref="Timing"/> and <see cref="Environment"/> is a function of data and options alone. Nullable
/// figures are null when no pair gives them a value.
/// </summary>
public sealed record ComparisonResult
{
    /// <summary>SHA-256 in lower-case hex over the canonical totals.</summary>
    public required string Digest { get; init; }

    public required int? Classes { get; init; }

    /// <summary>Whether rows hold independent elements, each of which is a pair.</summary>
    public required bool IsBinary { get; init; }

    /// <summary>What the losses' sums are divided by: <c>rows</c>, <c>positions</c>, <c>elements</c> or <c>weight</c>.</summary>
    public required string DenominatorUnit { get; init; }

    public required ComparedFiles A { get; init; }

    public required ComparedFiles B { get; init; }

    public required PairCounts Rows { get; init; }

    /// <summary>Over all pairs.</summary>
    public required PairedFigures Figures { get; init; }

    public required TestFigures Tests { get; init; }

    public required DivergenceFigures Divergence { get; init; }

    /// <summary>Quantiles of the rows' differences.</summary>
    public required IReadOnlyList<Results.QuantileFigure> Quantiles { get; init; }

    /// <summary>Of the rows' differences, on both sides of 0.</summary>
    public required IReadOnlyList<HistogramBar> Histogram { get; init; }

    /// <summary>One entry a class, indexed by class.</summary>
    public required IReadOnlyList<PairedClassFigures> PerClass { get; init; }

    /// <summary>In the order of the options, then of the values.</summary>
    public required IReadOnlyList<PairedSlice> Slices { get; init; }

    /// <summary>Rows whose loss rose most, the farthest first.</summary>
    public required IReadOnlyList<MovedRow> Worse { get; init; }

    /// <summary>Rows whose loss fell most, the farthest first.</summary>
    public required IReadOnlyList<MovedRow> Better { get; init; }

    public required ComparisonOptions Options { get; init; }

    public required ComparisonTiming Timing { get; init; }

    public required ComparisonEnvironment Environment { get; init; }

    /// <summary>Why there is no mean difference, or null when there is one.</summary>
    public string? Remark =>
        Rows.Total == 0 ? "no rows: the inputs hold no row at all"
        : Rows.Compared == 0 ? $"no rows to compare: of {Rows.Total:N0} pairs, none has a loss on both sides"
        : Figures.Difference.Mean is null ? $"nothing to divide by: the weights of all {Rows.Compared:N0} pairs are 0"
        : double.IsNaN(Figures.Difference.Mean.Value) ? "the mean difference is not defined: losses are infinite on both sides, or differences of both signs are infinite"
        : null;
}

/// <param name="Kind"><c>dump</c> or <c>losses</c>.</param>
public sealed record ComparedFiles(string Kind, IReadOnlyList<InputFile> Files, EvaluationOptions? Options);

/// <summary>Every pair in one count.</summary>
/// <param name="Compared">With a loss on both sides.</param>
/// <param name="Ignored">Ignored on both sides.</param>
/// <param name="Invalid">Without a loss on either side, unless both ignore it.</param>
/// <param name="OnlyA">With a loss in A alone.</param>
/// <param name="OnlyB">With a loss in B alone.</param>
public sealed record PairCounts(long Total, long Compared, long Ignored, long Invalid, long OnlyA, long OnlyB);

/// <summary>The figures of all pairs, or of a slice.</summary>
public sealed record PairedFigures
{
    public required long Pairs { get; init; }

    /// <summary>In nats.</summary>
    public required double? LossA { get; init; }

    public required double? LossB { get; init; }

    /// <summary>What the sums are divided by: pairs, or their weights.</summary>
    public required double Denominator { get; init; }

    public required DifferenceFigures Difference { get; init; }

    public required double? AccuracyA { get; init; }

    public required double? AccuracyB { get; init; }

    public required long BothRight { get; init; }

    public required long OnlyARight { get; init; }

    public required long OnlyBRight { get; init; }

    /// <summary>The share of pairs whose predictions are the same.</summary>
    public required double? Agreement { get; init; }
}

/// <summary>Loss in B minus loss in A, in nats.</summary>
/// <param name="Undefined">Pairs that are infinite on both sides, or NaN on one.</param>
public sealed record DifferenceFigures(
    double? Mean, double? StandardError, (double Low, double High)? Ci95, double? Min, double? Max, long Better, long Worse, long Ties, long Undefined);

/// <summary>Two-sided p-values of the hypothesis that A and B do not differ. Null ones have a reason.</summary>
/// <param name="T">Student's paired t, with <paramref name="Degrees"/> of freedom.</param>
/// <param name="Sign">Exact: of better and worse rows.</param>
/// <param name="Permutation">Exact: of the differences with their signs flipped.</param>
/// <param name="McNemar">Exact: of rows that one side alone predicts right.</param>
public sealed record TestFigures(
    double? T, long? Degrees, double? PairedT, string? PairedTReason, double? Sign, double? Permutation, string? PermutationReason, double? McNemar);

/// <summary>The mean of KL(A || B) over the pairs, in nats.</summary>
/// <param name="Infinite">Pairs for which it is infinite: B gives probability 0 to a class that A does not.</param>
/// <param name="Reason">Why there is none.</param>
public sealed record DivergenceFigures(double? Mean, long Infinite, string? Reason);

/// <summary>One class's pairs.</summary>
public sealed record PairedClassFigures(int Class, string? Name, PairedClass Figures)
{
    /// <summary>Of the mean difference: normal approximation.</summary>
    public (double Low, double High)? Ci95 => Figures is not { MeanDifference: { } mean, StandardError: { } error } ? null
        : double.IsNaN(error) ? (error, error)
        : (mean - (LossMoments.NormalQuantile975 * error), mean + (LossMoments.NormalQuantile975 * error));
}

/// <param name="Key">The columns, with the slice's value in each as text, null for a null.</param>
public sealed record PairedSlice(IReadOnlyList<(string Column, string? Value)> Key, PairedFigures Figures);

public sealed record ComparisonTiming(DateTimeOffset Started, double Seconds);

public sealed record ComparisonEnvironment(string Version, int Workers, string Kernel);
