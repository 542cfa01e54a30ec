using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>Columns of a <see cref="RowBatch"/>: how its losses change with the temperature, at one temperature (<see cref="LossSlopes"/>).</summary>
internal sealed record SlopeColumns(double[] Loss, double[] Slope, double[] Curvature, double[] Error)
{
    public LossSlopes Slice(int first, int count) =>
        new(Loss.AsSpan(first, count), Slope.AsSpan(first, count), Curvature.AsSpan(first, count), Error.AsSpan(first, count));
}
