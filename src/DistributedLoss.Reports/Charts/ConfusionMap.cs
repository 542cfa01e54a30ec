using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Charts;

/// <summary>For few classes: how often each was taken for which, as shares of the label's rows.</summary>
internal static class ConfusionMap
{
    /// <summary>More classes than that make cells too small to point at.</summary>
    public const int MostClasses = 40;

    // With more, a number does not fit into its cell.
    private const int MostWritten = 12;

    private const int Shades = 10;

    // The contrast of a number with its cell is 4.5 or more, in both themes.
    private const int DarkestUnderInk = 8;

    /// <param name="names">By class.</param>
    public static void Write(HtmlWriter html, IReadOnlyList<long[]> matrix, Func<int, string> names, string rows)
    {
        var scale = new Scale(0, matrix.Count);
        string description = $"Each row is a label, each column a predicted class; the darker a cell, the larger its share of the label's {rows}.";
        Plot.Write(html, "confusionmap", "Predicted class by label", description, Math.Clamp(34 * matrix.Count, 120, 560), scale, scale, plot =>
        {
            for (int label = 0; label < matrix.Count; label++)
            {
                double y = matrix.Count - 1 - label;
                long all = matrix[label].Sum();
                plot.Text("name", 0, y + .5, Shortened.To(names(label), 16), "end", -8, 4);
                for (int predicted = 0; predicted < matrix.Count; predicted++)
                {
                    WriteCell(plot, matrix[label][predicted], all, label, predicted, y);
                }
            }

            WriteColumns(plot, matrix.Count, names);
        }, matrix.Count, "rows map");

        void WriteCell(Plot plot, long count, long all, int label, int predicted, double y)
        {
            double share = all > 0 ? (double)count / all : 0;
            // The square root shows small shares: errors are rare. Only what is 0 has the colour of the page.
            int shade = count == 0 ? 0 : Math.Max(1, (int)Math.Round(Shades * Math.Sqrt(share)));
            plot.Mark($"label {names(label)}, predicted {names(predicted)}: {Figure.Count(count)} {rows}, {Figure.Percent(all > 0 ? share : null)} of the label's", () =>
            {
                plot.Box($"cell s{shade}{(label == predicted ? " right" : "")} at", predicted, predicted + 1, y, y + 1);
                if (matrix.Count <= MostWritten && count > 0)
                {
                    plot.Text($"value{(shade > DarkestUnderInk ? " over" : "")}", predicted + .5, y + .5, Results.Quantity.Short(count), dy: 4);
                }
            });
        }
    }

    private static void WriteColumns(Plot plot, int classes, Func<int, string> names)
    {
        // As many names as there is room for below.
        int step = (classes + MostWritten - 1) / MostWritten;
        for (int predicted = 0; predicted < classes; predicted += step)
        {
            plot.Text("tick", predicted + .5, 0, Shortened.To(names(predicted), classes > 4 ? 4 : 10), dy: 17);
        }

        plot.Text("unit", classes, 0, "predicted class", "end", dy: 35);
    }
}
