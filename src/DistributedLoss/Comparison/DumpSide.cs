using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>A dump: its rows are evaluated.</summary>
public sealed class DumpSide : ComparedSide
{
    internal DumpSide(RunPlan plan)
    {
        Plan = plan;
        foreach (var file in plan.Files)
        {
            Names.NumberOf(file.Path);
        }
    }

    public RunPlan Plan { get; }

    public override IReadOnlyList<InputFile> Files => Plan.Files;

    public override bool HoldsLosses => false;

    internal override bool IsBinary => Plan.Target == TargetKind.Binary;

    internal override bool IsSequence => Plan.IsSequence;

    internal override bool IsWeighted => Plan.IsWeighted;

    internal override int? Classes => Plan.Classes;

    internal override IReadOnlyList<string>? ClassNames => Plan.Options.ClassNames;

    internal override IReadOnlyList<Shard> Shards => Plan.Shards;

    /// <summary>Plans the evaluation of the rows.</summary>
    /// <param name="paths">Files, directories and globs.</param>
    /// <param name="options">What a row's loss is; whatever else is in them is not computed.</param>
    /// <param name="sliceBy">Columns to slice by; none for the second side.</param>
    /// <inheritdoc cref="RunPlan.Create"/>
    public static DumpSide Create(
        IReadOnlyList<string> paths, EvaluationOptions options, IReadOnlyList<IReadOnlyList<string>> sliceBy, PlanOptions plan, CancellationToken cancel)
    {
        // Calibration has the kernel say the top losses, which divergences take.
        var rows = options with { Statistics = StatisticKinds.Calibration, SliceBy = sliceBy, GroupByColumn = null, BytesColumn = null, Hardest = 0, TopK = null };
        return new DumpSide(RunPlan.Create(paths, rows, plan, cancel));
    }

    internal override RowCursor NewCursor(ComparisonOptions options, SliceTable? slices, bool hasGaps, bool expands) => new DumpCursor(this, options, slices, hasGaps, expands);
}
