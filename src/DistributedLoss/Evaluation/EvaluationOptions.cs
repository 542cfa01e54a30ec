using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Evaluation;

/// <summary>What to do with a row that has no loss (see <see cref="InvalidCause"/>).</summary>
public enum InvalidRowPolicy
{
    /// <summary>The run fails with the row's file, row group and number.</summary>
    Fail,

    /// <summary>The row is counted under its cause and takes no part in any statistic.</summary>
    Skip,
}

/// <summary>Everything that can change a number of the result. Engines, workers and sinks are not in it.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The ignore index that PyTorch's losses have by default.</summary>
    public const long DefaultIgnoreIndex = -100;

    public const int DefaultMaxSlices = 1000;

    public static IReadOnlyList<int> DefaultTopK { get; } = [1, 5];

    /// <summary>Name of the column that holds a row's logits; unused when <see cref="LogitsPrefix"/> is set.</summary>
    public string LogitsColumn { get; init; } = "logits";

    /// <summary>Flat layout: class j's logits are in column <c>PREFIX{j}</c>.</summary>
    public string? LogitsPrefix { get; init; }

    /// <summary>What a binary logits column holds; required for those, refused for others.</summary>
    public FloatFormat? Packed { get; init; }

    public string LabelColumn { get; init; } = "label";

    /// <summary>The classes' names, in order, for labels that are text and for results; null for none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Rows with this label are counted as ignored; their logits are not looked at, as in PyTorch.</summary>
    public long IgnoreIndex { get; init; } = DefaultIgnoreIndex;

    /// <summary>What the values are and how they become a row's loss.</summary>
    public LossFunction Loss { get; init; } = new();

    /// <summary>One weight a class, at least 0 and finite: a row counts with its label's; null for none.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>For binary logits: what the loss of a positive target counts with, one a class, at least 0 and finite; null for ones.</summary>
    public IReadOnlyList<double>? PositiveWeights { get; init; }

    /// <summary>A column of numbers, at least 0 and finite, with which rows count; null for none.</summary>
    public string? SampleWeightColumn { get; init; }

    /// <summary>C, when it shall not be taken from the data.</summary>
    public int? NumClasses { get; init; }

    /// <summary>The k of the top-k accuracies, ascending; null takes <see cref="DefaultTopK"/> below C.</summary>
    public IReadOnlyList<int>? TopK { get; init; }

    public InvalidRowPolicy OnInvalid { get; init; } = InvalidRowPolicy.Fail;

    /// <summary>How many of the rows with the largest loss are listed.</summary>
    public int Hardest { get; init; } = 10;

    /// <summary>What is computed besides loss, accuracies and per-class figures.</summary>
    public StatisticKinds Statistics { get; init; } = StatisticKinds.Default;

    /// <summary>
    /// Temperatures at which it is summed how the loss changes with the temperature, whatever that of <see cref="Loss"/> is: for the passes of a calibration. In
    /// no JSON, no run directory and no digest.
    /// </summary>
    internal IReadOnlyList<double> SlopeTemperatures { get; init; } = [];

    /// <summary>Sets of columns: each row is in one slice of every set, by its values in the set's columns.</summary>
    public IReadOnlyList<IReadOnlyList<string>> SliceBy { get; init; } = [];

    /// <summary>Slices that there may be, of all sets together.</summary>
    public int MaxSlices { get; init; } = DefaultMaxSlices;

    /// <summary>A column whose values gather rows into groups, for the mean of the groups' means; null for none.</summary>
    public string? GroupByColumn { get; init; }

    /// <summary>A column of the bytes that a row stands for, for the loss in bits per byte; null for none.</summary>
    public string? BytesColumn { get; init; }

    /// <summary>The k to count for C classes: by default 1, and 5 where it says something (C > 5).</summary>
    public IReadOnlyList<int> EffectiveTopK(int classes) =>
        TopK ?? [.. DefaultTopK.Where(k => k == 1 || k < classes)];

    /// <summary>Whether rows count with weights, so that the mean's denominator is a sum of weights rather than the number of rows.</summary>
    public bool IsWeighted => ClassWeights is not null || SampleWeightColumn is not null;

    /// <summary>The columns that slices and groups go by, each once.</summary>
    internal IReadOnlyList<string> KeyColumns => [.. SliceBy.SelectMany(columns => columns).Concat(GroupByColumn is null ? [] : [GroupByColumn]).Distinct()];

    internal LogitColumnSpec LogitColumnSpec => new()
    {
        Column = LogitsPrefix is null ? LogitsColumn : null,
        Prefix = LogitsPrefix,
        Packed = Packed,
    };
}
