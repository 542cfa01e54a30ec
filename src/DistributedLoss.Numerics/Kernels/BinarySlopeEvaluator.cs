namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// How the losses of independent binary elements change with the temperature (docs/numerics.md): of K logits a row, each with a target from 0 to 1. An
/// element's bits depend on its value, its target and its weight, not on kernel, layout, stored type or cut. For one thread.
/// </summary>
public sealed class BinarySlopeEvaluator
{
    private readonly RowKernel _kernel;
    private readonly int _classes;
    private readonly WidenedRows _rows;
    private readonly BinaryScratch _scratch;

    /// <param name="classes">K.</param>
    /// <param name="temperature">At which the derivatives are taken.</param>
    /// <param name="positiveWeights">As <see cref="BinaryEvaluator"/> has them.</param>
    public BinarySlopeEvaluator(RowKernel kernel, int classes, double temperature, IReadOnlyList<double>? positiveWeights = null)
    {
        if (positiveWeights is not null && positiveWeights.Count != classes)
        {
            throw new ArgumentException($"{classes} classes need as many weights of positive targets, not {positiveWeights.Count}", nameof(positiveWeights));
        }

        (_kernel, _classes) = (kernel, classes);
        _scratch = new BinaryScratch(classes, positiveWeights?.ToArray());
        _rows = new WidenedRows(classes, temperature);
    }

    /// <summary>Of each element; what a row that is not to be evaluated gets is of no use. Allocates nothing.</summary>
    /// <param name="targets">Rows x classes, row-major.</param>
    /// <param name="weights">What elements count with; empty for ones.</param>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<double> targets, ReadOnlySpan<double> weights, in LossSlopes slopes)
    {
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        slopes.Check(checked(block.Rows * _classes));
        int most = Math.Min(_rows.Most, _scratch.Rows);
        for (int row = 0; row < block.Rows; row += most)
        {
            int n = Math.Min(most, block.Rows - row);
            int first = row * _classes;
            int count = n * _classes;
            _rows.Take(block, row, n);
            _scratch.Fill(_rows.Rows(n), targets.Slice(first, count));
            _kernel.Evaluator.BinaryLosses(BinaryInput.Logits, _scratch, count);
            _scratch.First.AsSpan(0, count).CopyTo(slopes.Loss[first..]);
            _kernel.Evaluator.BinarySlopes(_scratch, count);
            _scratch.First.AsSpan(0, count).CopyTo(slopes.Slope[first..]);
            _scratch.Second.AsSpan(0, count).CopyTo(slopes.Curvature[first..]);
            _scratch.Third.AsSpan(0, count).CopyTo(slopes.Error[first..]);
        }

        for (int i = 0; i < weights.Length; i++)
        {
            slopes.Set(i, weights[i] * slopes.Loss[i], weights[i] * slopes.Slope[i], weights[i] * slopes.Curvature[i], weights[i] * slopes.Error[i]);
        }
    }
}
