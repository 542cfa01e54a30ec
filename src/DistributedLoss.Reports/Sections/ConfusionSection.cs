using DistributedLoss.Evaluation;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;

namespace DistributedLoss.Reports.Sections;

/// <summary>A map for few classes; the pairs that are confused most for any number.</summary>
internal static class ConfusionSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        if (report.Figures.Confusion is not { } confusion)
        {
            report.Missing(html, "Confusions were", StatisticKinds.Confusion, "confusion");
            return;
        }

        if (confusion.Matrix is { Count: > 0 and <= ConfusionMap.MostClasses } matrix)
        {
            ConfusionMap.Write(html, matrix, report.ClassName, report.Rows);
        }

        var pairs = confusion.MostConfused;
        if (pairs.Count == 0)
        {
            html.Write($"""<p class="muted">No class was taken for another.</p>""");
            return;
        }

        html.Write($"<h3>The pairs that are confused most</h3>");
        new DataTable("pairs", "Pairs of classes, the most confused first", pairs.Count,
        [
            new Column.Texts("Label", i => report.ClassName(pairs[i].Label)) { IsKey = true },
            new Column.Texts("Predicted", i => report.ClassName(pairs[i].Predicted)) { IsKey = true },
            new Column.Counts("Rows", i => pairs[i].Count),
            new Column.Shares("Of the label's rows", i => (double)pairs[i].Count / report.Result.PerClass[pairs[i].Label].Count),
        ]).Write(html);
    }
}
