using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>From tiles of logits to rows with a loss: reads the targets that belong to them and runs the kernel. One for each kind of target.</summary>
internal abstract class TileEvaluator(RunPlan plan) : IDisposable
{
    /// <summary>The last tile's rows, whatever became of them; in row order.</summary>
    public RowBatch Rows { get; } = new(plan.BatchRows, plan.Shape);

    /// <summary>Rows of the largest tile that it takes.</summary>
    public virtual int MaxRows => plan.BatchRows;

    protected RunPlan Plan => plan;

    protected EvaluationOptions Options => plan.Options;

    /// <summary>Begins a row group.</summary>
    /// <param name="skip">Rows of it to pass over.</param>
    public abstract void Open(ParquetFile file, int rowGroup, long skip);

    /// <summary>The evaluator for the run's kind of targets.</summary>
    public static TileEvaluator Create(RunPlan plan) => plan.Target switch
    {
        TargetKind.Index or TargetKind.Name => new IndexTileEvaluator(plan),
        TargetKind.Distribution => new SoftTileEvaluator(plan),
        TargetKind.Binary => new BinaryTileEvaluator(plan),
        _ => throw new ArgumentException($"no evaluator for targets of the kind {plan.Target}", nameof(plan)),
    };

    /// <summary>Evaluates the next rows into <see cref="Rows"/>.</summary>
    /// <exception cref="ParquetException">The targets cannot be read, or end before the logits.</exception>
    public abstract void Evaluate(in LogitTile tile, SideColumns side, in TilePlace place);

    /// <summary>
    /// For <see cref="StatisticKinds.Probabilities"/>: sets the entropy and Brier score of the rows from <paramref name="first"/> on, which are the tile's, and adds their
    /// probabilities to sums. After the evaluation, before the next.
    /// </summary>
    /// <param name="sums">For each of these rows what its probabilities are added to, null for nothing; empty when sums are not asked for.</param>
    public abstract void AddProbabilities(in LogitTile tile, int first, ReadOnlySpan<ClassProbabilitySums[]?> sums);

    /// <summary>Name of a column that goes on behind the row group's rows; null when all end with it.</summary>
    public abstract string? LongerColumn();

    /// <summary>What became of one of <see cref="Rows"/>, or of one of its elements.</summary>
    /// <param name="element">The row, or row times elements a row plus element.</param>
    public abstract RowOutcome Outcome(int element);

    /// <summary>What is wrong with one of <see cref="Rows"/> that is invalid.</summary>
    /// <param name="inTile">The row's number in its tile.</param>
    public abstract string Explain(InvalidCause cause, in LogitTile tile, SideColumns side, int row, int inTile);

    public abstract void Dispose();

    /// <summary>A tile without a defect as the kernel takes it.</summary>
    internal static LogitBlock Block(in LogitTile tile) =>
        tile.Layout == TileLayout.RowMajor
            ? LogitBlock.RowMajor(Type(tile.Format), tile.Values, tile.Rows, tile.Classes) with { Ahead = tile.Ahead }
            : LogitBlock.ColumnMajor(Type(tile.Format), tile.Columns, tile.Rows, tile.Classes);

    /// <summary>Where the kernel writes rows, from one on.</summary>
    protected RowLosses Outputs(int first) => new(
        Rows.Loss.AsSpan(first), Rows.Predicted.AsSpan(first), Rows.Rank.AsSpan(first), Rows.Status.AsSpan(first), Wanted(Rows.TopLoss, first));

    /// <summary>A column from a row on; empty where the run does not need the column.</summary>
    protected static Span<double> Wanted(double[] column, int first) => column.Length == 0 ? default : column.AsSpan(first);

    /// <summary>Why a row whose target is sound has no loss.</summary>
    protected static InvalidCause? Cause(in LogitTile tile, RowStatus status) => tile.Defect switch
    {
        RowDefect.NullLogits => InvalidCause.NullLogits,
        RowDefect.WrongLength => InvalidCause.WrongLength,
        _ => status switch
        {
            RowStatus.Valid => null,
            RowStatus.NaN => InvalidCause.NaN,
            RowStatus.Infinity => InvalidCause.Infinity,
            RowStatus.AllMasked => InvalidCause.AllMasked,
            RowStatus.Unnormalized => InvalidCause.Unnormalized,
            _ => throw new InvalidOperationException($"row status {status} is no defect"),
        },
    };

    /// <summary>What is wrong with logits.</summary>
    protected string ExplainLogits(InvalidCause cause, in LogitTile tile)
    {
        string divided = Options.Loss.Temperature == 1 ? "" : $" when divided by the temperature {Options.Loss.Temperature}";
        return cause switch
        {
            InvalidCause.NullLogits => "the logits are null, or hold a null",
            InvalidCause.WrongLength when plan.Classes is null => "the row has no logits, and neither has any other (--num-classes tells how many there should be)",
            InvalidCause.WrongLength when tile.DefectLength == plan.Classes => $"the row's bytes are no whole number of logits; {plan.ClassesSource} says {plan.Classes} classes",
            InvalidCause.WrongLength => $"the row has {tile.DefectLength} logits, but {plan.ClassesSource} says {plan.Classes} classes",
            InvalidCause.NaN => "a logit is NaN",
            InvalidCause.Infinity => $"a logit is +infinity{divided}",
            InvalidCause.AllMasked => $"every logit is -infinity{divided}",
            InvalidCause.Unnormalized => $"the row's probabilities are below 0, or do not sum to 1 within {Options.Loss.SumTolerance} (--sum-tolerance)",
            _ => InvalidCauses.Name(cause),
        };
    }

    private static LogitType Type(FloatFormat format) => format switch
    {
        FloatFormat.Float16 => LogitType.Float16,
        FloatFormat.BFloat16 => LogitType.BFloat16,
        FloatFormat.Float32 => LogitType.Float32,
        FloatFormat.Float64 => LogitType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
