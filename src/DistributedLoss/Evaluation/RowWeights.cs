using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>
/// The weights of a tile's rows. A row's weight is its class weight times its sample weight, rounded once to float64; its product with the loss
/// goes unrounded into the exact sum.
/// </summary>
internal sealed class RowWeights(RunPlan plan)
{
    private readonly IReadOnlyList<double>? _classWeights = plan.Options.ClassWeights;
    private readonly double[] _samples = new double[plan.TileRows];
    private readonly bool[] _isNull = new bool[plan.TileRows];

    /// <summary>With smoothing and class weights, what <see cref="LossEvaluator.Evaluate"/> gives besides the loss.</summary>
    public double[] LabelLosses { get; } = new double[plan.TileRows];

    /// <inheritdoc cref="LabelLosses"/>
    public double[] Smoothing { get; } = new double[plan.TileRows];

    /// <summary>Reads the tile's sample weights, and makes the kernel skip rows whose weight is none.</summary>
    /// <param name="column">Null where there are none: each is 1.</param>
    /// <param name="areUsable">Becomes false where a row is skipped.</param>
    /// <returns>The rows that the column still had.</returns>
    public int Read(NumberColumnReader? column, Span<int> labels, ref bool areUsable)
    {
        int rows = labels.Length;
        if (column is null)
        {
            Array.Fill(_samples, 1.0);
            return rows;
        }

        int read = column.Read(_samples.AsSpan(0, rows), _isNull.AsSpan(0, rows));
        for (int i = 0; i < read; i++)
        {
            if (labels[i] != Labels.Skip && IsBad(i, labels[i]))
            {
                labels[i] = Labels.Skip;
                areUsable = false;
            }
        }

        return read;
    }

    /// <summary>A row's sample weight, for messages.</summary>
    public double? Sample(int row) => _isNull[row] ? null : _samples[row];

    /// <summary>Adds the rows that are evaluated.</summary>
    public void Add(ReadOnlySpan<int> labels, ReadOnlySpan<RowStatus> statuses, ReadOnlySpan<double> losses, LossEvaluator? evaluator, WeightedLoss totals)
    {
        bool smoothed = evaluator is { HasWeightedSmoothing: true };
        for (int i = 0; i < labels.Length; i++)
        {
            if (statuses[i] != RowStatus.Valid)
            {
                continue;
            }

            double weight = Weight(i, labels[i]);
            if (smoothed)
            {
                totals.Add(weight, evaluator!.LabelShare * LabelLosses[i], _samples[i], Smoothing[i]);
            }
            else
            {
                totals.Add(weight, losses[i]);
            }
        }
    }

    private bool IsBad(int row, int label) => _isNull[row] || !(_samples[row] >= 0) || !double.IsFinite(Weight(row, label));

    private double Weight(int row, int label) => _classWeights is null ? _samples[row] : _classWeights[label] * _samples[row];
}
