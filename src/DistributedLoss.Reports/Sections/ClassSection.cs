using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>Every class: a plot, and a table that is there to the last class.</summary>
internal static class ClassSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        var classes = report.Result.PerClass;
        if (classes.Count == 0)
        {
            html.Write($"""<p class="muted">No row tells how many classes there are.</p>""");
            return;
        }

        ClassCharts.Write(html, classes, report.ClassName, report.Rows);
        int without = classes.Count(c => c.Count == 0);
        if (without > 0)
        {
            html.Write($"""<p class="muted">{Figure.Count(without)} of {Figure.Count(classes.Count)} classes have no {report.Rows} of their own.</p>""");
        }

        // Of many classes those that cost most are looked for; what is not finite is above all.
        ClassFigures[] sorted = classes.Count <= DataTable.PageRows ? [.. classes] : [.. classes.OrderByDescending(c => double.IsNaN(c.LossSum) ? double.PositiveInfinity : c.LossSum).ThenBy(c => c.Class)];
        string order = classes.Count <= DataTable.PageRows ? "All classes" : "All classes, those that add most to the loss first";
        new DataTable("classtable", order, sorted.Length, [.. Columns(sorted, report)]).Write(html);
    }

    private static IEnumerable<Column> Columns(ClassFigures[] classes, Reported report)
    {
        bool binary = report.Figures.Binary is not null;
        var count = new Column.Counts(binary ? "Positives" : "Rows", i => classes[i].Count);
        var correct = new Column.Counts("Correct", i => classes[i].Correct);
        var predicted = new Column.Counts("Predicted", i => classes[i].Predicted);
        yield return new Column.Counts("Class", i => classes[i].Class) { IsKey = true };
        if (report.HasNames)
        {
            yield return new Column.Texts("Name", i => classes[i].Name) { IsKey = true };
        }

        yield return count;
        yield return new Column.Reals("Mean loss", i => classes[i].LossMean) { Hint = "nats, without weights" };
        yield return correct;
        yield return predicted;
        yield return new Column.Ratios("Recall", 1, correct, count) { Hint = "correct / rows" };
        yield return new Column.Ratios("Precision", 1, correct, predicted) { Hint = "correct / predicted" };
        yield return new Column.Ratios("F1", 2, correct, count, predicted) { Hint = "harmonic mean of precision and recall" };
        if (classes.Any(c => c.MeanProbability is not null))
        {
            yield return new Column.Shares("Mean probability", i => classes[i].MeanProbability);
            yield return new Column.Shares("Bias", i => classes[i].Bias) { Hint = "mean probability minus the class's share of the labels" };
        }
    }
}
