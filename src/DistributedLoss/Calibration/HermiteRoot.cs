using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Calibration;

/// <summary>
/// Where the slope of the loss vanishes, by Hermite interpolation: the root of the polynomial in log T that has the values and derivatives of F at the given
/// points. F is the derivative of the loss by 1 / T, slope times T: unlike the slope itself it falls with log T everywhere, as the loss is convex in
/// 1 / T; its own derivative by log T is -curvature times T.
/// </summary>
internal static class HermiteRoot
{
    // As many halvings as a double has digits.
    private const int Halvings = 53;

    /// <param name="low">F is above 0 here.</param>
    /// <param name="high">And below 0 here, at a higher temperature.</param>
    /// <param name="third">Another point, for a polynomial of degree 5 rather than 3; null for none.</param>
    /// <returns>log(T / low's T), between 0 and that of high.</returns>
    public static double Find(TemperaturePoint low, TemperaturePoint high, TemperaturePoint? third = null)
    {
        ReadOnlySpan<TemperaturePoint> points = third is null ? [low, high] : [low, high, third];
        int n = 2 * points.Length;
        Span<double> nodes = stackalloc double[n];
        Span<double> differences = stackalloc double[n];
        for (int i = 0; i < n; i++)
        {
            nodes[i] = LogRatio(points[i / 2].Temperature, low.Temperature);
            differences[i] = points[i / 2].Slope * points[i / 2].Temperature;
        }

        // Newton's divided differences in place, each node twice.
        for (int order = 1; order < n; order++)
        {
            for (int i = n - 1; i >= order; i--)
            {
                differences[i] = order == 1 && i % 2 == 1
                    ? -points[i / 2].Curvature * points[i / 2].Temperature
                    : (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - order]);
            }
        }

        double below = 0;
        double above = nodes[2];
        for (int i = 0; i < Halvings; i++)
        {
            double middle = below + ((above - below) / 2);
            (below, above) = Value(nodes, differences, middle) > 0 ? (middle, above) : (below, middle);
        }

        return below;
    }

    /// <summary>log(T / origin), with all its digits where the two are close.</summary>
    public static double LogRatio(double temperature, double origin) => Elementary.Log1p((temperature - origin) / origin);

    private static double Value(ReadOnlySpan<double> nodes, ReadOnlySpan<double> differences, double at)
    {
        double value = 0;
        for (int i = nodes.Length - 1; i >= 0; i--)
        {
            value = (value * (at - nodes[i])) + differences[i];
        }

        return value;
    }
}
