using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Charts;

/// <summary>Loss, recall and F1 by class, hardest first: a row for each of a few classes, a bar for each of some dozens of equal parts of many.</summary>
internal static class ClassCharts
{
    /// <summary>More classes than that have no row of their own.</summary>
    public const int MostRows = 40;

    private const int Parts = 64;

    private const int RowHeight = 22;

    private static readonly Scale Unit = new(0, 1);

    /// <param name="names">By class.</param>
    /// <param name="rows">What is counted.</param>
    public static void Write(HtmlWriter html, IReadOnlyList<ClassFigures> classes, Func<int, string> names, string rows)
    {
        ClassFigures[] sorted = [.. classes.Where(c => c.LossMean is { } mean && !double.IsNaN(mean)).OrderByDescending(c => c.LossMean).ThenBy(c => c.Class)];
        if (sorted.Length == 0)
        {
            return;
        }

        html.Write($"""<div class="pair">""");
        if (sorted.Length <= MostRows)
        {
            WriteRows(html, sorted, names, rows);
        }
        else
        {
            WriteParts(html, sorted);
        }

        html.Write($"</div>\n");
    }

    private static void WriteRows(HtmlWriter html, ClassFigures[] sorted, Func<int, string> names, string rows)
    {
        var down = new Scale(0, sorted.Length);
        int height = RowHeight * sorted.Length;
        string order = $"The {sorted.Length} classes that have {rows}, the hardest first.";
        Plot.Write(html, "classlosses", "Mean loss by class", order, height, Scale.Of(sorted.Select(c => c.LossMean!.Value)), down, plot =>
        {
            plot.XAxis(Figure.Tick, "mean loss, nats");
            Each(plot, c => $"{names(c.Class)}: mean loss {Figure.Real(c.LossMean)} over {Figure.Count(c.Count)} {rows}", (c, y) =>
                plot.Box(double.IsFinite(c.LossMean!.Value) ? "bar at" : "bar open at", Math.Min(0, c.LossMean.Value), Math.Max(0, c.LossMean.Value), y + .2, y + .8));
        }, css: "rows");
        Plot.Write(html, "classrecalls", "Recall and F1 by class", order, height, Unit, down, plot =>
        {
            plot.XAxis(Figure.PercentTick, "recall ●  F1 ◆");
            Each(plot, c => $"{names(c.Class)}: recall {Figure.Percent(c.Recall)}, F1 {Figure.Percent(c.F1)}, precision {Figure.Percent(c.Precision)}", (c, y) =>
            {
                plot.Line("thread", 0, y + .5, 1, y + .5);
                Recall(plot, c.Recall, y + .5);
                if (c.F1 is { } f1)
                {
                    plot.Text("diamond", f1, y + .5, "◆", dy: 5);
                }
            });
        }, css: "rows");

        void Each(Plot plot, Func<ClassFigures, string> values, Action<ClassFigures, double> draw)
        {
            for (int i = 0; i < sorted.Length; i++)
            {
                var c = sorted[i];
                double y = sorted.Length - 1 - i;
                plot.Mark(values(c), () =>
                {
                    plot.Row(y, y + 1);
                    plot.Text("name", plot.X.Low, y + .5, Shortened.To(names(c.Class), 16), "end", -8, 4);
                    draw(c, y);
                });
            }
        }
    }

    private static void WriteParts(HtmlWriter html, ClassFigures[] sorted)
    {
        var parts = Enumerable.Range(0, Math.Min(Parts, sorted.Length)).Select(i => Part(sorted, i, Math.Min(Parts, sorted.Length))).ToArray();
        string order = $"{Figure.Count(sorted.Length)} classes in the order of their mean loss, the hardest first, cut into {parts.Length} equal parts.";
        var across = new Scale(0, sorted.Length);
        Plot.Write(html, "classlosses", "Mean loss by class, hardest first", order, 240, across, Scale.Of(sorted.Select(c => c.LossMean!.Value)), plot =>
        {
            plot.YAxis(Figure.Tick, "mean loss, nats");
            plot.XAxis(Quantity.Short, "classes, hardest first");
            foreach (var part in parts)
            {
                plot.Mark($"{part.Ranks}: mean losses {Figure.Brief(part.Least)} to {Figure.Brief(part.Most)}, half of them above {Figure.Brief(part.Median)}", () =>
                {
                    plot.Column(part.First, part.End);
                    plot.Box("bar at", part.First, part.End, 0, part.Median);
                    plot.Line("reach", (part.First + part.End) / 2, part.Least, (part.First + part.End) / 2, part.Most);
                });
            }
        });
        Plot.Write(html, "classrecalls", "Recall and F1 of the same classes", order, 240, across, Unit, plot =>
        {
            plot.YAxis(Figure.PercentTick, "recall ●  F1 ◆");
            plot.XAxis(Quantity.Short, "classes, hardest first");
            foreach (var part in parts)
            {
                plot.Mark($"{part.Ranks}: mean recall {Figure.Percent(part.Recall)}, mean F1 {Figure.Percent(part.F1)}", () =>
                {
                    double middle = (part.First + part.End) / 2;
                    plot.Column(part.First, part.End);
                    plot.Dot("dot at", middle, part.Recall, 3);
                    plot.Text("diamond small", middle, part.F1, "◆", dy: 3);
                });
            }
        });
    }

    private static (double First, double End, string Ranks, double Least, double Most, double Median, double Recall, double F1) Part(ClassFigures[] sorted, int index, int parts)
    {
        int first = (int)((long)sorted.Length * index / parts), end = (int)((long)sorted.Length * (index + 1) / parts);
        var part = sorted.AsSpan(first, end - first);
        double recall = 0, f1 = 0;
        foreach (var c in part)
        {
            recall += c.Recall ?? 0;
            f1 += c.F1 ?? 0;
        }

        return (first, end, $"classes {Figure.Count(first + 1)} to {Figure.Count(end)} of {Figure.Count(sorted.Length)}",
            part[^1].LossMean!.Value, part[0].LossMean!.Value, part[part.Length / 2].LossMean!.Value, recall / part.Length, f1 / part.Length);
    }

    private static void Recall(Plot plot, double? recall, double y)
    {
        if (recall is { } value)
        {
            plot.Dot("dot at", value, y, 4.5);
        }
    }
}
