namespace DistributedLoss.Reports.Charts;

/// <summary>Amounts that are spread evenly over some time, added up by equal stretches of a run.</summary>
internal sealed class Stretched(double end, int stretches)
{
    public double[] Values { get; } = new double[stretches];

    /// <param name="seconds">If 0, all of it is at the start.</param>
    public void Add(double start, double seconds, double amount)
    {
        double width = end / stretches;
        int first = At(start), last = At(start + seconds);
        for (int i = first; i <= last; i++)
        {
            double from = Math.Max(start, i * width), to = i == stretches - 1 ? start + seconds : Math.Min(start + seconds, (i + 1) * width);
            Values[i] += first == last ? amount : amount * Math.Max(0, to - from) / seconds;
        }

        int At(double time) => (int)Math.Clamp(time / width, 0, stretches - 1);
    }
}
