using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;
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

    /// <summary>Rows of the files where each is a sequence, and the figures' rows are positions; null otherwise.</summary>
    public required long? Sequences { get; init; }

    /// <summary>Over all rows.</summary>
    public required EvaluationFigures Figures { get; init; }

    /// <summary>Every figure for each slice: set by set as the options have them, in ordinal order of the values.</summary>
    public required IReadOnlyList<SliceFigures> Slices { get; init; }

    /// <summary>Rows with the largest loss, in falling order; equal losses in path and row order.</summary>
    public required IReadOnlyList<HardRow> Hardest { get; init; }

    /// <summary>SHA-256 in lower-case hex over the canonical totals; equal for equal logits, labels and options in any file layout.</summary>
    public required string Digest { get; init; }

    /// <summary>How the loss changes with the temperature, for each of <see cref="EvaluationOptions.SlopeTemperatures"/>. Not in the JSON.</summary>
    internal IReadOnlyList<SlopeSums> Slopes { get; init; } = [];

    public required IReadOnlyList<InputFile> Files { get; init; }
    public required EvaluationOptions Options { get; init; }
    public required ShardFigures Shards { get; init; }
    public required TimingFigures Timing { get; init; }
    public required EnvironmentFigures Environment { get; init; }

    /// <inheritdoc cref="EvaluationFigures.Rows"/>
    public RowFigures Rows => Figures.Rows;

    /// <inheritdoc cref="EvaluationFigures.Loss"/>
    public LossFigures Loss => Figures.Loss;

    /// <inheritdoc cref="EvaluationFigures.Accuracy"/>
    public IReadOnlyList<TopKFigure> Accuracy => Figures.Accuracy;

    /// <inheritdoc cref="EvaluationFigures.PerClass"/>
    public IReadOnlyList<ClassFigures> PerClass => Figures.PerClass;

    /// <summary>Why there is no mean, or null when there is one.</summary>
    public string? Remark => Rows switch
    {
        { Total: 0 } => "no rows: the input holds no row at all",
        { Evaluated: var evaluated and > 0 } => Loss.Mean is null ? $"nothing to divide by: the weights of all {evaluated:N0} evaluated rows are 0" : null,
        { Ignored: var ignored, Total: var total } when ignored == total => $"no rows to evaluate: all {total:N0} rows have the ignored label {Options.IgnoreIndex}",
        var rows => $"no rows to evaluate: of {rows.Total:N0} rows, {rows.Ignored:N0} are ignored and {rows.Invalid.Values.Sum():N0} invalid",
    };
}

/// <summary>A row by file, row group and 0-based row number within the file.</summary>
public sealed record HardRow(string File, int RowGroup, long Row, int Label, int Predicted, int Rank, double Loss)
{
    /// <summary>In a sequence, from 0; null where rows are no sequences.</summary>
    public int? Position { get; init; }
}

public sealed record ShardFigures(int Total, int Retried, int Speculated, int Duplicates)
{
    /// <summary>Null when nobody asked for it.</summary>
    public RunHistory? History { get; init; }
}

public sealed record TimingFigures(DateTimeOffset Started, double PlanSeconds, double EvaluateSeconds, double RowsPerSecond, double LogitsPerSecond, long BytesRead);

public sealed record EnvironmentFigures(
    string Version, string Engine, int Workers, string Kernel, string Runtime, string OperatingSystem, string Architecture, int Processors);
