using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>
/// The outcome of one evaluation. All but <see cref="Shards"/>, <see cref="Timing"/> and <see cref="Environment"/> is a function of data and options alone.
/// Nullable figures are null when no row gives them a value.
/// </summary>
public sealed record EvaluationResult
{
    /// <summary>C; null when no row with logits was found and no option fixed it.</summary>
    public required int? Classes { get; init; }

    public required RowFigures Rows { get; init; }
    public required LossFigures Loss { get; init; }

    /// <summary>Top-k accuracies, ascending in k.</summary>
    public required IReadOnlyList<TopKFigure> Accuracy { get; init; }

    /// <summary>One entry a class, indexed by class.</summary>
    public required IReadOnlyList<ClassFigures> PerClass { get; init; }

    /// <summary>Rows with the largest loss, in falling order; equal losses in path and row order.</summary>
    public required IReadOnlyList<HardRow> Hardest { get; init; }

    /// <summary>SHA-256 in lower-case hex over the canonical totals; equal for equal logits, labels and options in any file layout.</summary>
    public required string Digest { get; init; }

    public required IReadOnlyList<InputFile> Files { get; init; }
    public required EvaluationOptions Options { get; init; }
    public required ShardFigures Shards { get; init; }
    public required TimingFigures Timing { get; init; }
    public required EnvironmentFigures Environment { get; init; }

    /// <summary>Why there is no mean, or null when there is one.</summary>
    public string? Remark => Rows switch
    {
        { Total: 0 } => "no rows: the input holds no row at all",
        { Evaluated: var evaluated and > 0 } => Loss.Mean is null ? $"nothing to divide by: the weights of all {evaluated:N0} evaluated rows are 0" : null,
        { Ignored: var ignored, Total: var total } when ignored == total => $"no rows to evaluate: all {total:N0} rows have the ignored label {Options.IgnoreIndex}",
        var rows => $"no rows to evaluate: of {rows.Total:N0} rows, {rows.Ignored:N0} are ignored and {rows.Invalid.Values.Sum():N0} invalid",
    };
}

public sealed record RowFigures(long Total, long Evaluated, long Ignored, IReadOnlyDictionary<string, long> Invalid);

/// <summary>Losses in nats. <see cref="Mean"/> is the correctly rounded quotient of the exact sum by <see cref="Denominator"/>.</summary>
public sealed record LossFigures
{
    public double? Mean { get; init; }
    public double? Sum { get; init; }
    public double Denominator { get; init; }

    /// <summary>Whether the denominator is a sum of weights rather than a number of rows.</summary>
    public bool IsWeighted { get; init; }
    public double? StandardError { get; init; }
    public (double Low, double High)? Ci95 { get; init; }

    /// <summary>The mean in bits: mean / ln 2.</summary>
    public double? Bits { get; init; }
    public double? Perplexity { get; init; }
    public double? Min { get; init; }
    public double? Max { get; init; }

    /// <summary>Rows whose label has probability 0: their loss, and the mean, are infinite.</summary>
    public long Infinite { get; init; }

    /// <summary>Rows in whose loss 0 (a weight, or 1 - smoothing) multiplies infinity: the mean is NaN, as in PyTorch.</summary>
    public long Undefined { get; init; }
}

public sealed record TopKFigure(int K, double? Value);

/// <summary>One class's figures; quotients with denominator 0 are null.</summary>
public sealed record ClassFigures(
    int Class, long Count, double LossSum, double? LossMean, long Correct, long Predicted, double? Recall, double? Precision, double? F1);

/// <summary>A row by file, row group and 0-based row number within the file.</summary>
public sealed record HardRow(string File, int RowGroup, long Row, int Label, int Predicted, int Rank, double Loss);

public sealed record ShardFigures(int Total, int Retried, int Speculated, int Duplicates);

public sealed record TimingFigures(DateTimeOffset Started, double PlanSeconds, double EvaluateSeconds, double RowsPerSecond, double LogitsPerSecond, long BytesRead);

public sealed record EnvironmentFigures(
    string Version, string Engine, int Workers, string Kernel, string Runtime, string OperatingSystem, string Architecture, int Processors);
