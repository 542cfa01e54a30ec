using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Calibration;

/// <summary>What a pass over the data found at one temperature: exact sums over the rows, each rounded once.</summary>
/// <param name="Loss">The numerator of the mean loss, but for a rounding a row.</param>
/// <param name="Slope">The derivative of that by log(1 / T): above 0 the loss falls as the temperature rises.</param>
/// <param name="Curvature">The second derivative by 1 / T, times 1 / T^2.</param>
/// <param name="SlopeError">What the slope is off by at most, from the derivative of the exact loss (docs/numerics.md, Slopes).</param>
public sealed record TemperaturePoint(double Temperature, double Loss, double Slope, double Curvature, double SlopeError)
{
    /// <summary>Whether the sign of the slope is beyond doubt.</summary>
    public bool IsProven => Math.Abs(Slope) > SlopeError;

    internal static TemperaturePoint Of(double temperature, SlopeSums sums) => new(temperature, sums.Loss, sums.Slope, sums.Curvature, sums.Error);

    /// <summary>
    /// 1 where the minimum is at a higher temperature, -1 where it is at a lower one. 0 at the minimum: where slope and curvature both vanish, every
    /// probability is 0 or 1, and the loss has become what it is in the limit.
    /// </summary>
    internal int Side => Slope > 0 ? 1 : Slope < 0 ? -1 : Curvature > 0 ? 0 : Temperature < 1 ? -1 : 1;
}
