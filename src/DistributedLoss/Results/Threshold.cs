using System.Globalization;

namespace DistributedLoss.Results;

/// <summary>A limit that a run's figure must keep.</summary>
/// <param name="Metric">A figure's place in the result JSON, as in <c>loss.mean</c>.</param>
/// <param name="Limit">Finite. A figure equal to it keeps it.</param>
/// <param name="IsCeiling">True when the figure may not be above the limit, false when not below.</param>
public sealed record Threshold(string Metric, double Limit, bool IsCeiling)
{
    /// <returns>Null when the figure keeps the limit.</returns>
    /// <exception cref="ArgumentException">The result has no such figure.</exception>
    public ThresholdMiss? Miss(ResultMetrics metrics) =>
        Miss(metrics.TryGet(Metric, out double? value) ? value : throw new ArgumentException($"the result has no number {Metric}", nameof(metrics)));

    /// <param name="figure">Null when no row gives it a value.</param>
    /// <returns>Null when the figure keeps the limit.</returns>
    public ThresholdMiss? Miss(double? figure)
    {
        // A NaN, and a figure that no row gives a value, keep no limit.
        bool keeps = IsCeiling ? figure <= Limit : figure >= Limit;
        return keeps ? null : new ThresholdMiss(this, figure);
    }
}

/// <summary>A threshold that was not kept.</summary>
/// <param name="Figure">Null when no row gives it a value.</param>
public sealed record ThresholdMiss(Threshold Threshold, double? Figure)
{
    /// <summary>Figure and limit in one line.</summary>
    public override string ToString()
    {
        string side = Threshold.IsCeiling ? "above" : "below";
        return Figure is { } figure
            ? string.Create(CultureInfo.InvariantCulture, $"{Threshold.Metric} {figure:R} is {(double.IsNaN(figure) ? "not comparable to" : side)} {Threshold.Limit:R}")
            : string.Create(CultureInfo.InvariantCulture, $"{Threshold.Metric} has no value, as no row gives it one; it may not be {side} {Threshold.Limit:R}");
    }
}
