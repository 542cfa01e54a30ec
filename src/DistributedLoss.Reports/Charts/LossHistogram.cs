using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Charts;

/// <summary>How the row losses are spread, with the quantiles that people ask for.</summary>
internal static class LossHistogram
{
    private static readonly string[] Marked = ["p50", "p90", "p99"];

    public static void Write(HtmlWriter html, DistributionFigures distribution, string rows)
    {
        HistogramBar[] bars = [.. distribution.Histogram];
        long all = bars.Sum(b => b.Count);
        double width = bars.Select(b => b.High - b.Low).FirstOrDefault(double.IsFinite, 1);
        // The bars at the ends may be without an end: they are drawn as wide as the others.
        double Low(HistogramBar bar) => double.IsFinite(bar.Low) ? bar.Low : bar.High - width;
        double High(HistogramBar bar) => double.IsFinite(bar.High) ? bar.High : bar.Low + width;
        var x = new Scale(Math.Min(0, Low(bars[0])), High(bars[^1]));
        var y = Scale.Of(bars.Select(b => (double)b.Count));
        string median = Figure.Brief(distribution.Quantiles.FirstOrDefault(q => q.Name == "p50")?.Value);
        Plot.Write(html, "histogram", $"Losses of the {rows}", $"Histogram of {Figure.Count(all)} losses in nats; half of them are at most {median}.", 240, x, y, plot =>
        {
            plot.YAxis(Quantity.Short, rows);
            plot.XAxis(Figure.Tick, "loss, nats");
            foreach (var bar in bars)
            {
                plot.Mark($"{Range(bar)}: {Figure.Count(bar.Count)} {rows}, {Figure.Percent((double)bar.Count / all)}", () =>
                {
                    plot.Column(Low(bar), High(bar));
                    plot.Box(double.IsFinite(bar.High) ? "bar at" : "bar open at", Low(bar), High(bar), 0, bar.Count);
                    if (double.IsInfinity(bar.High))
                    {
                        plot.Text("note", High(bar), bar.Count, $"≥ {Figure.Brief(bar.Low)}", "end", dy: -6);
                    }
                });
            }

            for (int i = 0; i < Marked.Length; i++)
            {
                if (distribution.Quantiles.FirstOrDefault(q => q.Name == Marked[i])?.Value is { } value && value <= x.High)
                {
                    plot.Line("quantile", value, y.Low, value, y.High);
                    plot.Text("note", value, y.High, $"{Marked[i]} {Figure.Brief(value)}", value > (x.Low + x.High) / 2 ? "end" : "start", value > (x.Low + x.High) / 2 ? -4 : 4, 12 + (16 * i));
                }
            }
        });
    }

    private static string Range(HistogramBar bar) => double.IsInfinity(bar.High) ? $"{Figure.Brief(bar.Low)} and above"
        : double.IsInfinity(bar.Low) ? $"below {Figure.Brief(bar.High)}"
        : $"{Figure.Brief(bar.Low)} to {Figure.Brief(bar.High)}";
}
