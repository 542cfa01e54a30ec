using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Charts;

/// <summary>A mean with its 95 % interval, if it has one.</summary>
public sealed record Interval(string Name, double Mean, (double Low, double High)? Ci95, string Values);

/// <summary>Means side by side, each with its interval, and a line where they are compared with.</summary>
public static class IntervalChart
{
    private const int RowHeight = 24;

    /// <param name="id">A word of lower-case letters, the page's only one.</param>
    /// <param name="reference">Null for none.</param>
    public static void Write(HtmlWriter html, string id, string title, string description, IReadOnlyList<Interval> rows, string unit, (string Name, double Value)? reference)
    {
        var x = Scale.Around([.. rows.SelectMany(r => r.Ci95 is var (low, high) ? [low, high, r.Mean] : new[] { r.Mean }), .. reference is var (_, value) ? new[] { value } : []]);
        Plot.Write(html, id, title, description, RowHeight * rows.Count, x, new Scale(0, rows.Count), plot =>
        {
            plot.XAxis(Figure.Tick, unit);
            if (reference is var (name, at))
            {
                plot.Line("quantile", at, 0, at, rows.Count);
                plot.Text("note", at, rows.Count, name, dy: -6);
            }

            for (int i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                double y = rows.Count - i - .5;
                plot.Mark(row.Values, () =>
                {
                    plot.Row(y - .5, y + .5);
                    plot.Text("name", x.Low, y, Shortened.To(row.Name, 16), "end", -8, 4);
                    if (row.Ci95 is var (low, high))
                    {
                        plot.Line("interval", low, y, high, y);
                    }

                    plot.Dot("dot at", row.Mean, y, 4.5);
                });
            }
        }, css: "rows");
    }
}
