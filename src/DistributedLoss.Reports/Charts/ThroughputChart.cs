using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Charts;

/// <summary>Rows a second, over the run.</summary>
internal static class ThroughputChart
{
    private const int Stretches = 60;

    public static void Write(HtmlWriter html, RunHistory history, double end)
    {
        var rows = new Stretched(end, Stretches);
        foreach (var span in history.Spans)
        {
            rows.Add(span.Start, history.BinSeconds ?? span.Seconds, span.Rows);
        }

        double width = end / Stretches;
        double[] rates = [.. rows.Values.Select(r => r / width)];
        Plot.Write(html, "throughput", "Throughput", "Rows a second; a shard's rows are spread evenly over its time.", 150, new Scale(0, end), Scale.Of(rates), plot =>
        {
            plot.YAxis(Quantity.Short, "rows/s");
            plot.XAxis(Figure.Tick, "seconds since the run began");
            for (int i = 0; i < Stretches; i++)
            {
                double from = i * width, to = (i + 1) * width;
                plot.Mark($"{Figure.Brief(Math.Round(from, 3))} to {Figure.Brief(Math.Round(to, 3))} s: {Quantity.Short(rates[i])} rows/s", () =>
                {
                    plot.Column(from, to);
                    plot.Box("bar at", from, to, 0, rates[i]);
                });
            }
        });
    }
}
