using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Targets that spread a row's weight over the classes: rows of C numbers that sum to 1.</summary>
public static unsafe class SoftTargets
{
    public const int Unusable = -1;

    /// <summary>The class with the target's largest entry, the lowest index among equal ones.</summary>
    /// <param name="tolerance">How far the entries may sum from 1.</param>
    /// <returns><see cref="Unusable"/> if an entry is NaN, infinite or below 0, or the sum is not 1.</returns>
    public static int Label(ReadOnlySpan<double> target, double tolerance)
    {
        // A NaN, which an infinite entry makes of the sum or leaves infinite, is no sum within the tolerance.
        if (!(Math.Abs(GapSum.OfWeights(target) - 1) <= tolerance))
        {
            return Unusable;
        }

        fixed (double* entries = target)
        {
            double max = RowMax<Compare256<double>, double>.Find(entries, target.Length);
            return IsAnyNegative(target) ? Unusable : RowIndex<Compare256<double>, double>.IndexOf(entries, target.Length, max);
        }
    }

    /// <summary><see cref="Label"/> of each row of <paramref name="targets"/>, row-major.</summary>
    public static void Classify(ReadOnlySpan<double> targets, int classes, double tolerance, Span<int> labels)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            labels[row] = Label(targets.Slice(row * classes, classes), tolerance);
        }
    }

    private static bool IsAnyNegative(ReadOnlySpan<double> target)
    {
        bool isAny = false;
        foreach (double entry in target)
        {
            isAny |= entry < 0;
        }

        return isAny;
    }
}
