using System.Buffers;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// How differences are spread, on both sides of 0: quantiles as <see cref="LossHistogram"/> has them, and bars of one width. Integers only, mergeable in any order, to
/// the same bits.
/// </summary>
public sealed class DifferenceHistogram
{
    private readonly LossHistogram _below = new();
    private readonly LossHistogram _above = new();
    private readonly LossHistogram _all = new();

    public void Add(ReadOnlySpan<double> differences)
    {
        _all.Add(differences);
        foreach (var difference in differences)
        {
            if (difference > 0)
                _above.Add([difference]);
            else if (difference < 0)
                _below.Add([-difference]);
        }
    }

    public void Add(DifferenceHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _all.Add(other._all);
        _above.Add(other._above);
        _below.Add(other._below);
    }

    /// <inheritdoc cref="LossHistogram.Quantile(double, LossMoments)"/>
    /// <param name="differences">The same.</param>
    public double? Quantile(double q, LossMoments differences) => _all.Quantile(q, differences);

    /// <summary>
    /// Bars from the least up: below 0 in (Low, High], above 0 in [Low, High), all of one width, the outermost for what is farther. Zeros and NaNs are in none.
    /// </summary>
    public HistogramBar[] ToBars()
    {
        var width = Math.Max(Width(_below.ToBars()), Width(_above.ToBars()));
        var (below, above) = (_below.ToBars(width), _above.ToBars(width));
        var bars = new HistogramBar[below.Length + above.Length];
        for (var i = 0; i < below.Length; i++)
            bars[below.Length - 1 - i] = new HistogramBar(-below[i].High, -below[i].Low, below[i].Count);
        above.CopyTo(bars, below.Length);
        return bars;
    }

    /// <summary>Canonical bytes: those of the differences' histogram.</summary>
    public void WriteTo(IBufferWriter<byte> output) => _all.WriteTo(output);

    private static double Width(HistogramBar[] bars) => bars.Length == 0 ? 0 : bars[0].High;
}
