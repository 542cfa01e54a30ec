using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Runs;

/// <summary>What is to be evaluated: the files as they are now, cut into shards. Made once, before the first worker starts.</summary>
public sealed record RunPlan
{
    private const int MaxBatchElements = 1 << 16;

    /// <summary>In ordinal path order.</summary>
    public required IReadOnlyList<InputFile> Files { get; init; }

    /// <summary>In file and row order; together they hold each row once.</summary>
    public required IReadOnlyList<Shard> Shards { get; init; }

    /// <summary>C; null when neither the options nor any row tell it.</summary>
    public required int? Classes { get; init; }

    /// <summary>Who says so, for messages: <c>--num-classes</c>, or the file whose schema or first row does.</summary>
    public string? ClassesSource { get; init; }

    public required EvaluationOptions Options { get; init; }

    public RowKernel Kernel { get; init; } = RowKernel.Default;

    /// <summary>
    /// Most rows in one tile: enough for the kernel to run across rows at small C; more would only push the window out of L2. No result depends on it.
    /// </summary>
    public int TileRows { get; init; } = 4096;

    /// <summary>What the label column holds.</summary>
    public TargetKind Target { get; init; }

    /// <summary>Whether a row of the files holds a sequence of positions, each with logits and a label.</summary>
    public bool IsSequence { get; init; }

    /// <summary>Most rows that are evaluated side by side: tiles of rows with many elements are smaller.</summary>
    internal int BatchRows => Target == TargetKind.Binary ? Math.Clamp(MaxBatchElements / (Classes ?? 1), 1, TileRows) : TileRows;

    public TimeSpan PlanTime { get; init; }

    /// <summary>Rows in the footers.</summary>
    public long Rows
    {
        get
        {
            long rows = 0;
            foreach (var file in Files)
            {
                rows += file.Rows;
            }

            return rows;
        }
    }

    /// <param name="paths">Files, directories and globs.</param>
    /// <exception cref="BadInputException">A path, a column or an option does not fit the data.</exception>
    /// <exception cref="BadOptionException">An option cannot be, or contradicts the number of classes.</exception>
    /// <exception cref="Parquet.ParquetException">A file is no valid Parquet.</exception>
    /// <exception cref="OperationCanceledException">Between two files or row groups.</exception>
    public static RunPlan Create(
        IReadOnlyList<string> paths, EvaluationOptions options, PlanOptions? plan = null, CancellationToken cancel = default) =>
        new RunPlanner(options, plan ?? new PlanOptions()).Plan(paths, cancel);

    /// <summary>Of all totals of the run.</summary>
    public TotalsShape Shape => new()
    {
        Classes = Classes ?? 0,
        TopK = Target == TargetKind.Binary ? [] : Options.EffectiveTopK(Classes ?? 0),
        Hardest = Options.Hardest,
        Weighted = IsWeighted,
        HasRest = Options.ClassWeights is not null && (Target == TargetKind.Binary || (Target != TargetKind.Distribution && Options.Loss.LabelSmoothing != 0)),
        IsBinary = Target == TargetKind.Binary,
        PositiveAbove = Options.Loss.Input == LossInput.BinaryProbs ? 0.5 : 0,
        IsSequence = IsSequence,
        IsSoft = Target == TargetKind.Distribution,
        Statistics = Target switch
        {
            TargetKind.Distribution => Options.Statistics & ~StatisticKinds.Brier,
            TargetKind.Binary => Options.Statistics & ~(StatisticKinds.ReciprocalRank | StatisticKinds.Confusion),
            _ => Options.Statistics,
        },
        SlopeTemperatures = Options.SlopeTemperatures,
        SliceSets = Options.SliceBy,
        MaxSlices = Options.MaxSlices,
        GroupBy = Options.GroupByColumn,
        CountsBytes = Options.BytesColumn is not null,
    };

    /// <summary>Whether the mean's denominator is a sum of weights. With soft targets class weights are part of the loss.</summary>
    public bool IsWeighted => Options.SampleWeightColumn is not null || (Options.ClassWeights is not null && Target != TargetKind.Distribution);

    public Totals NewTotals() => new(Shape);

    /// <summary>For labels that are names; null for other targets.</summary>
    internal ClassNameTable? NewClassNameTable() => Target == TargetKind.Name ? new ClassNameTable(Options.ClassNames!, TileRows) : null;
}

public sealed record PlanOptions
{
    public const long DefaultShardBytes = 32 << 20;

    /// <summary>Stored bytes of logits and labels that one shard may hold before its row group is cut at page boundaries.</summary>
    public long ShardBytes { get; init; } = DefaultShardBytes;
}
