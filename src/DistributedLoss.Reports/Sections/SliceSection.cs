using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>The slices of each set of columns side by side: their means with intervals, and their headline figures.</summary>
internal static class SliceSection
{
    // More do not fit on a screen.
    private const int MostDrawn = 40;

    private const string Null = "(null)";

    public static void Write(HtmlWriter html, Reported report)
    {
        int number = 0;
        foreach (var set in report.Result.Slices.GroupBy(s => string.Join(", ", s.Key.Select(k => k.Column))))
        {
            number++;
            SliceFigures[] slices = [.. set];
            WriteChart(html, $"slices{number}", set.Key, slices, report);
            WriteTable(html, $"slicetable{number}", set.Key, slices, report);
        }
    }

    private static void WriteChart(HtmlWriter html, string id, string columns, SliceFigures[] slices, Reported report)
    {
        double? overall = report.Result.Loss.Mean is { } mean && double.IsFinite(mean) ? mean : null;
        SliceFigures[] drawable = [.. slices.Where(s => s.Figures.Loss.Mean is { } m && double.IsFinite(m))];
        SliceFigures[] drawn = [.. drawable.OrderByDescending(s => Math.Abs(s.Figures.Loss.Mean!.Value - overall ?? 0)).Take(MostDrawn).OrderByDescending(s => s.Figures.Loss.Mean)];
        if (drawn.Length == 0)
        {
            html.Write($"""<p class="muted">No slice by {columns} has a finite mean.</p>""");
            return;
        }

        IntervalChart.Write(
            html, id, $"Mean loss by {columns}", "The slices' mean losses with their 95 % intervals, the hardest first; the dashed line is the mean of all.",
            [.. drawn.Select(s => new Interval(Name(s), s.Figures.Loss.Mean!.Value, Finite(s.Figures.Loss.Ci95), Values(s, report)))],
            "mean loss, nats", overall is { } all ? ("all", all) : null);
        if (drawn.Length < slices.Length)
        {
            html.Write($"""<p class="muted">Drawn are {Figure.Count(drawn.Length)} of {Figure.Count(slices.Length)} slices, those whose means are finite and farthest from the mean of all; the table has every one.</p>""");
        }
    }

    private static void WriteTable(HtmlWriter html, string id, string columns, SliceFigures[] slices, Reported report)
    {
        List<Column> table = [.. slices[0].Key.Select((key, k) => new Column.Texts(key.Column, i => slices[i].Key[k].Value ?? Null) { IsKey = true })];
        table.Add(new Column.Counts("Rows", i => slices[i].Figures.Rows.Evaluated) { Hint = "evaluated" });
        table.Add(new Column.Reals("Mean loss", i => slices[i].Figures.Loss.Mean) { Hint = "nats" });
        table.Add(new Column.Reals("95 % from", i => slices[i].Figures.Loss.Ci95?.Low));
        table.Add(new Column.Reals("to", i => slices[i].Figures.Loss.Ci95?.High));
        for (int a = 0; a < slices[0].Figures.Accuracy.Count; a++)
        {
            int at = a;
            table.Add(new Column.Shares($"Top-{slices[0].Figures.Accuracy[a].K}", i => slices[i].Figures.Accuracy[at].Value));
        }

        Optional("Accuracy", f => f.Binary?.Micro.Accuracy, share: true);
        Optional("F1, micro", f => f.Binary?.Micro.F1, share: true);
        Optional("ECE", f => f.Calibration?.Ece, share: true);
        Optional("Bits per byte", f => f.Loss.BitsPerByte);
        Optional("Group mean", f => f.Groups?.Mean);
        Optional("Brier", f => f.Brier);
        Optional("Entropy", f => f.Entropy);
        new DataTable(id, $"{Figure.Count(slices.Length)} slices by {columns}", slices.Length, table).Write(html);

        void Optional(string title, Func<EvaluationFigures, double?> figure, bool share = false)
        {
            if (figure(report.Figures) is not null)
            {
                table.Add(share ? new Column.Shares(title, i => figure(slices[i].Figures)) : new Column.Reals(title, i => figure(slices[i].Figures)));
            }
        }
    }

    private static string Name(SliceFigures slice) => string.Join(", ", slice.Key.Select(k => k.Value ?? Null));

    private static string Values(SliceFigures slice, Reported report) =>
        $"{Name(slice)}: mean loss {Figure.Real(slice.Figures.Loss.Mean)}{(slice.Figures.Loss.Ci95 is var (low, high) ? $", 95 % interval {Figure.Real(low)} to {Figure.Real(high)}" : "")}, {Figure.Count(slice.Figures.Rows.Evaluated)} {report.Rows}";

    private static (double Low, double High)? Finite((double Low, double High)? interval) =>
        interval is var (low, high) && double.IsFinite(low) && double.IsFinite(high) ? interval : null;
}
