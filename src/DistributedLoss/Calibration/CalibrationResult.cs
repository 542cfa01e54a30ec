using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Calibration;

/// <summary>The temperature that minimises the mean loss of some rows, with what shows it. A function of data and options alone, but for what the evaluations tell of their runs.</summary>
public sealed record CalibrationResult
{
    /// <summary>Null where no temperature minimises the loss: then <see cref="Remark"/> tells why.</summary>
    public required double? Temperature { get; init; }

    /// <summary>One sentence about a result that is not the usual one; null for that.</summary>
    public string? Remark { get; init; }

    /// <summary>Evaluations of the whole data.</summary>
    public required int Passes { get; init; }

    /// <summary>At temperature 1.</summary>
    public required EvaluationResult Before { get; init; }

    /// <summary>At <see cref="Temperature"/>; null where that is.</summary>
    public EvaluationResult? After { get; init; }

    /// <summary>Null where the search ended without one.</summary>
    public TemperatureCertificate? Certificate { get; init; }

    /// <summary>Where the loss falls without end; null where it has a minimum.</summary>
    public TemperatureLimit? Limit { get; init; }

    /// <summary>Every temperature that was looked at, in rising order.</summary>
    public required IReadOnlyList<TemperaturePoint> Points { get; init; }

    /// <summary>The mean loss at a point, but for a rounding a row; null without rows that count.</summary>
    public double? MeanLoss(TemperaturePoint point) => Before.Loss.Denominator > 0 ? point.Loss / Before.Loss.Denominator : null;
}

/// <summary>
/// What shows a minimum: neighbouring doubles between which the exact sum of the rows' slopes changes its sign (or one at which it is 0). A row's slope is
/// rounded: the least loss of real arithmetic is between the proven ends, where the sums are further from 0 than all roundings together.
/// </summary>
/// <param name="Low">Slope above 0: the loss falls as the temperature rises from here.</param>
/// <param name="High">Slope below 0, unless it is the same as <paramref name="Low"/>.</param>
/// <param name="ProvenLow">Null where the rows' curvature is too slight against their roundings.</param>
/// <param name="ProvenHigh">Likewise.</param>
public sealed record TemperatureCertificate(TemperaturePoint Low, TemperaturePoint High, TemperaturePoint? ProvenLow, TemperaturePoint? ProvenHigh);

/// <summary>One of the evaluations that a calibration asks for.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Temperatures">Where it looks at the slope of the loss; in the last pass, that is for the proof.</param>
public sealed record CalibrationPass(int Number, IReadOnlyList<double> Temperatures, RunPlan Plan);

/// <summary>Where a loss that has no minimum goes.</summary>
/// <param name="Temperature">0 or +infinity.</param>
/// <param name="MeanLoss">What the mean loss falls towards.</param>
public sealed record TemperatureLimit(double Temperature, double? MeanLoss);
