using DistributedLoss.Evaluation;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;

namespace DistributedLoss.Reports.Sections;

/// <summary>The histogram of the row losses, and their quantiles.</summary>
internal static class LossSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        if (report.Figures.Quantiles is not { } distribution)
        {
            report.Missing(html, "Quantiles and histogram were", StatisticKinds.Quantiles, "quantiles");
            return;
        }

        if (distribution.Histogram.Sum(b => b.Count) == 0)
        {
            html.Write($"""<p class="muted">No row has a loss.</p>""");
            return;
        }

        LossHistogram.Write(html, distribution, report.Rows);
        (string Name, double? Value)[] quantiles = [("least", report.Result.Loss.Min), .. distribution.Quantiles.Select(q => (q.Name, q.Value)), ("largest", report.Result.Loss.Max)];
        html.Write($"""<dl class="strip">""");
        foreach (var (name, value) in quantiles)
        {
            html.Write($"""<div><dt>{name}</dt><dd title="{Figure.Exact(value)}">{Figure.Real(value)}</dd></div>""");
        }

        html.Write($"""</dl><p class="muted">Losses in nats, without weights. Quantiles by nearest rank, within 1/128 of their value.</p>""");
        html.Write($"<details><summary>The histogram as a table</summary>");
        new DataTable("histogramtable", "Losses by range", distribution.Histogram.Length,
        [
            new Column.Reals("From", i => distribution.Histogram[i].Low),
            new Column.Reals("Below", i => distribution.Histogram[i].High),
            new Column.Counts("Rows", i => distribution.Histogram[i].Count),
        ]).Write(html);
        html.Write($"</details>");
    }
}
