namespace DistributedLoss.Numerics.Kernels;

/// <summary>What each class's loss counts with in the loss against a soft target: s_c = w_c (t_c (1 - E) + E / C), each operation rounded.</summary>
internal sealed class TargetShares(int classes, double labelSmoothing, double[]? classWeights)
{
    private readonly double[] _shares = new double[classes];

    /// <summary>Good until the next call.</summary>
    public ReadOnlySpan<double> Of(ReadOnlySpan<double> target)
    {
        if (labelSmoothing == 0 && classWeights is null)
        {
            return target;
        }

        double kept = 1 - labelSmoothing;
        double share = labelSmoothing / classes;
        for (int c = 0; c < _shares.Length; c++)
        {
            _shares[c] = (target[c] * kept) + share;
        }

        for (int c = 0; c < classWeights?.Length; c++)
        {
            _shares[c] *= classWeights[c];
        }

        return _shares;
    }
}
