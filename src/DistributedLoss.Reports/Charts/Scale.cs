namespace DistributedLoss.Reports.Charts;

/// <summary>From values to percent of a chart's width or height, so that a chart is as wide as its place and its letters are as large as all others.</summary>
/// <param name="Low">At 0 %.</param>
/// <param name="High">At 100 %; above <paramref name="Low"/>.</param>
public sealed record Scale(double Low, double High)
{
    private const double MostSteps = 5;

    /// <summary>From 0 or below to a round value that is not below the largest. What is not finite is passed over.</summary>
    public static Scale Of(IEnumerable<double> values)
    {
        double low = 0, high = 0;
        foreach (double value in values.Where(double.IsFinite))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return Rounded(low, high);
    }

    /// <summary>As <see cref="Of"/>, but only as far as the values go: where differences are looked at, not sizes.</summary>
    public static Scale Around(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        return finite.Length == 0 ? Rounded(0, 0) : Rounded(finite.Min(), finite.Max());
    }

    public double At(double value) => Math.Clamp(100 * (value - Low) / (High - Low), 0, 100);

    /// <summary>Round values, some six of them.</summary>
    public IEnumerable<double> Ticks()
    {
        double step = Step(High - Low);
        long first = (long)Math.Ceiling(Low / step);
        for (long i = first; i * step <= High + (step / 1e6); i++)
        {
            // A quotient of whole numbers is rounded once: 0.3 rather than 0.30000000000000004.
            yield return step < 1 ? i / Math.Round(1 / step) : i * step;
        }
    }

    private static Scale Rounded(double low, double high)
    {
        double step = Step(high - low);
        double from = Math.Floor(low / step) * step, to = Math.Ceiling(high / step) * step;
        return new Scale(from, to > from ? to : from + step);
    }

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double Step(double range)
    {
        if (range <= 0)
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(range / MostSteps)));
        return (range / MostSteps / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
