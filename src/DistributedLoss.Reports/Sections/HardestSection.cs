using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;

namespace DistributedLoss.Reports.Sections;

/// <summary>The rows with the largest loss: where they are, and what was made of them.</summary>
internal static class HardestSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        var rows = report.Result.Hardest;
        if (rows.Count == 0)
        {
            html.Write($"""<p class="muted">{(report.Result.Options.Hardest == 0 ? "Not asked for: --hardest was 0." : "No row has a loss.")}</p>""");
            return;
        }

        List<Column> columns =
        [
            new Column.Reals("Loss", i => rows[i].Loss) { Hint = "nats, without weights" },
            report.Figures.Binary is null ? Class("Label", i => rows[i].Label) : Class("Class", i => rows[i].Label),
            report.Figures.Binary is null ? Class("Predicted", i => rows[i].Predicted) : new Column.Counts("Predicted", i => rows[i].Predicted),
            new Column.Counts("Rank", i => rows[i].Rank) { Hint = "of the label among the logits, 1 for the largest" },
            new Column.Texts("File", i => rows[i].File) { IsKey = true },
            new Column.Counts("Row group", i => rows[i].RowGroup),
            new Column.Counts("Row", i => rows[i].Row) { IsKey = true },
        ];
        if (rows[0].Position is not null)
        {
            columns.Add(new Column.Counts("Position", i => rows[i].Position ?? 0));
        }

        new DataTable("hardesttable", $"The {Figure.Count(rows.Count)} {report.Rows} with the largest loss", rows.Count, columns).Write(html);

        Column Class(string title, Func<int, int> index) =>
            report.HasNames ? new Column.Texts(title, i => report.ClassName(index(i))) { IsKey = true } : new Column.Counts(title, i => index(i));
    }
}
