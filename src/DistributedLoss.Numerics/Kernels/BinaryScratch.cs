using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Whole rows of binary elements, in whole registers: what the lanes read and write.</summary>
internal sealed class BinaryScratch
{
    private const int Elements = 2048; // six arrays of 16 KB stay in the L2 cache

    /// <param name="positive">Weights of positive targets, one a class; null for ones.</param>
    public BinaryScratch(int classes, double[]? positive)
    {
        Rows = Math.Max(1, Elements / classes);
        int padded = Padded(checked(Rows * classes));
        (Values, Targets) = (new double[padded], new double[padded]);
        (First, Second, Third) = (new double[padded], new double[padded], new double[padded]);
        if (positive is not null)
        {
            Positive = new double[padded];
            for (int i = 0; i < Rows; i++)
            {
                positive.CopyTo(Positive, i * classes);
            }
        }
    }

    /// <summary>As many as fit.</summary>
    public int Rows { get; }

    public double[] Values { get; }

    public double[] Targets { get; }

    public double[]? Positive { get; }

    /// <summary>Losses, or probabilities.</summary>
    public double[] First { get; }

    /// <summary>Top losses, or entropies.</summary>
    public double[] Second { get; }

    /// <summary>Brier scores.</summary>
    public double[] Third { get; }

    public static int Padded(int count) => checked(count + LaneCount.Logical - 1) / LaneCount.Logical * LaneCount.Logical;

    /// <summary>What is behind the elements, up to a whole register, becomes ordinary.</summary>
    public void Fill(ReadOnlySpan<double> values, ReadOnlySpan<double> targets)
    {
        int n = values.Length;
        values.CopyTo(Values);
        targets.CopyTo(Targets);
        Values.AsSpan(n, Padded(n) - n).Clear();
        Targets.AsSpan(n, Padded(n) - n).Clear();
    }
}
