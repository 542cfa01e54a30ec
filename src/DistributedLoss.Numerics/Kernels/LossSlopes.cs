namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// How the losses of evaluated rows or elements change with the temperature, weights multiplied in; docs/numerics.md derives it. All by log(1 / T): a loss
/// whose slope is above 0 falls as the temperature rises. NaN for rows that are not valid at the temperature.
/// </summary>
/// <param name="loss">What the row adds to the numerator of the mean, each operation rounded.</param>
/// <param name="slope">The first derivative of that.</param>
/// <param name="curvature">The second derivative by 1 / T, times 1 / T^2: at least 0 but for rounding, as the loss is convex in 1 / T.</param>
/// <param name="error">What the slope is off by at most, from the derivative of the exact loss of the exact quotients.</param>
public readonly ref struct LossSlopes(Span<double> loss, Span<double> slope, Span<double> curvature, Span<double> error)
{
    /// <summary>u = 2^-53.</summary>
    internal const double Unit = 1.1102230246251565e-16;

    public Span<double> Loss { get; } = loss;

    public Span<double> Slope { get; } = slope;

    public Span<double> Curvature { get; } = curvature;

    public Span<double> Error { get; } = error;

    internal void Set(int row, double loss, double slope, double curvature, double error)
    {
        Loss[row] = loss;
        Slope[row] = slope;
        Curvature[row] = curvature;
        Error[row] = error;
    }

    internal void Check(int rows)
    {
        RowKernel.CheckLength(Loss.Length, rows, "losses");
        RowKernel.CheckLength(Slope.Length, rows, "slopes");
        RowKernel.CheckLength(Curvature.Length, rows, "curvatures");
        RowKernel.CheckLength(Error.Length, rows, "errors");
    }
}
