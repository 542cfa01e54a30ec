using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>For <see cref="EvaluationOptions.SlopeTemperatures"/>: fills the <see cref="SlopeColumns"/> of a tile's rows. A row whose loss is not evaluated has entries of no use.</summary>
internal sealed class TileSlopes(RunPlan plan)
{
    private readonly SlopeEvaluator[] _evaluators = plan.Target == TargetKind.Binary ? [] :
    [
        .. plan.Options.SlopeTemperatures.Select(t => new SlopeEvaluator(plan.Kernel, plan.Options.Loss with { Temperature = t }, plan.Classes!.Value, plan.Options.ClassWeights)),
    ];

    private readonly BinarySlopeEvaluator[] _binary = plan.Target != TargetKind.Binary ? [] :
    [
        .. plan.Options.SlopeTemperatures.Select(t => new BinarySlopeEvaluator(plan.Kernel, plan.Classes!.Value, t, plan.Options.PositiveWeights)),
    ];

    /// <returns>Null where no slope is asked for, or no row has logits.</returns>
    public static TileSlopes? Create(RunPlan plan) => plan.Options.SlopeTemperatures.Count > 0 && plan.Classes > 0 ? new TileSlopes(plan) : null;

    /// <summary>Of rows with one label, from one on; their weights are set.</summary>
    public void Evaluate(in LogitBlock block, RowBatch rows, int first)
    {
        var weights = Wanted(rows.Weight, first);
        var restWeights = rows.RestWeight.Length > 0 ? Wanted(rows.RestWeight, first) : weights;
        for (int t = 0; t < _evaluators.Length; t++)
        {
            _evaluators[t].Evaluate(block, rows.Label.AsSpan(first, block.Rows), weights, restWeights, rows.Slopes[t].Slice(first, block.Rows));
        }
    }

    /// <summary>Of rows with soft targets.</summary>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<double> targets, RowBatch rows)
    {
        for (int t = 0; t < _evaluators.Length; t++)
        {
            _evaluators[t].Evaluate(block, targets, rows.Label.AsSpan(0, block.Rows), Wanted(rows.Weight, 0), rows.Slopes[t].Slice(0, block.Rows));
        }
    }

    /// <summary>Of rows of elements; their weights are set.</summary>
    public void EvaluateElements(in LogitBlock block, RowBatch rows)
    {
        var weights = rows.RestWeight.Length > 0 ? rows.RestWeight : rows.Weight;
        int elements = block.Rows * rows.Width;
        for (int t = 0; t < _binary.Length; t++)
        {
            _binary[t].Evaluate(block, rows.Target, weights.Length > 0 ? weights.AsSpan(0, elements) : default, rows.Slopes[t].Slice(0, elements));
        }
    }

    private static ReadOnlySpan<double> Wanted(double[] column, int first) => column.Length == 0 ? default : column.AsSpan(first);
}
