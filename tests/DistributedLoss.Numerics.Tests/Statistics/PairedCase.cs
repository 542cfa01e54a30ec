namespace DistributedLoss.Numerics.Tests.Statistics;

/// <summary>Losses of the same rows twice, and what SciPy says of them. A p that it was not asked for is NaN.</summary>
internal sealed record PairedCase(double[] A, double[] B)
{
    public double MeanDifference { get; init; }

    public double StandardError { get; init; }

    public double T { get; init; }

    public double PairedT { get; init; }

    public long Better { get; init; }

    public long Worse { get; init; }

    public double Sign { get; init; }

    public double Permutation { get; init; }
}
