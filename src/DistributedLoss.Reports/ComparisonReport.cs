using DistributedLoss.Comparison;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;

namespace DistributedLoss.Reports;

/// <summary>A comparison as a page to look at. The same comparison gives the same bytes, but for its time.</summary>
public static class ComparisonReport
{
    // More do not fit on a screen.
    private const int MostDrawn = 40;

    private const string Null = "(null)";

    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, ComparisonResult result)
    {
        var page = new Page { Title = $"{Name(result.A)} and {Name(result.B)}", Kind = "comparison" };
        page.Lead(html => WriteHeadline(html, result));
        page.Section("differences", "Differences", "How the differences are spread", html => WriteHistogram(html, result));
        page.Section("classes", "Classes", "Classes", html => WriteClasses(html, result));
        if (result.Slices.Count > 0)
        {
            page.Section("slices", "Slices", "Slices", html => WriteSlices(html, result));
        }

        page.Section("moved", "Moved", "The rows that moved most", html =>
        {
            WriteMoved(html, "worse", "whose loss rose most", result.Worse, result);
            WriteMoved(html, "better", "whose loss fell most", result.Better, result);
        });
        page.Section("provenance", "Provenance", "Where the numbers come from", html => WriteProvenance(html, result));
        page.Write(stream);
    }

    private static string Name(ComparedFiles side) => side.Files.Count == 1 ? side.Files[0].Path : $"{side.Files[0].Path} and {Figure.Count(side.Files.Count - 1)} more";

    private static void WriteHeadline(HtmlWriter html, ComparisonResult result)
    {
        var (figures, difference, tests) = (result.Figures, result.Figures.Difference, result.Tests);
        if (result.Remark is { } remark)
        {
            html.Write($"""<p class="remark">{remark}</p>""");
        }

        html.Write($"""<div class="headline"><div class="hero card"><span class="label">Mean loss, B minus A</span><span class="big">{Figure.Brief(difference.Mean)}</span> <span class="muted">nats</span>""");
        if (Finite(difference.Ci95) is var (low, high))
        {
            html.Write($"""<span class="note" title="95 % interval">95 %: {Figure.Brief(low)} to {Figure.Brief(high)}, paired</span>""");
        }

        html.Write($"""<span class="note mono">{Figure.Exact(difference.Mean)}</span></div><dl class="cards">""");
        foreach (var (name, value, note) in ((string, string, string?)[])
            [
                ("A", Figure.Brief(figures.LossA), "mean loss, nats"),
                ("B", Figure.Brief(figures.LossB), "mean loss, nats"),
                ("Better in B", Figure.Count(difference.Better), $"of {Figure.Count(figures.Pairs)} pairs"),
                ("Worse in B", Figure.Count(difference.Worse), $"{Figure.Count(difference.Ties)} equal{(difference.Undefined > 0 ? $", {Figure.Count(difference.Undefined)} undefined" : "")}"),
                ("Paired t", Figure.Brief(tests.PairedT), tests.PairedTReason ?? "two-sided p"),
                ("Sign test", Figure.Brief(tests.Sign), "two-sided p, exact"),
                ("Permutation", Figure.Brief(tests.Permutation), tests.PermutationReason ?? "two-sided p, exact"),
                ("Accuracy", $"{Figure.Percent(figures.AccuracyA)} → {Figure.Percent(figures.AccuracyB)}", $"McNemar p {Figure.Brief(tests.McNemar)}, exact"),
                ("Agreement", Figure.Percent(figures.Agreement), "of the predictions"),
                ("KL(A ‖ B), nats", Figure.Brief(result.Divergence.Mean), result.Divergence.Reason),
            ])
        {
            html.Write($"""<div class="card"><dt class="label">{name}</dt><dd><span class="value">{value}</span><span class="note">{note}</span></dd></div>""");
        }

        var rows = result.Rows;
        html.Write($"</dl></div>\n<p>{Figure.Count(rows.Total)} pairs: {Figure.Count(rows.Compared)} compared, {Figure.Count(rows.Ignored)} ignored, {Figure.Count(rows.Invalid)} without a loss on either side, {Figure.Count(rows.OnlyA)} with a loss in A only, {Figure.Count(rows.OnlyB)} in B only.</p>\n");
    }

    private static void WriteHistogram(HtmlWriter html, ComparisonResult result)
    {
        var bars = result.Histogram;
        if (bars.Count == 0)
        {
            html.Write($"""<p class="muted">No loss differs.</p>""");
            return;
        }

        double width = bars.Where(b => double.IsFinite(b.High - b.Low)).Select(b => b.High - b.Low).FirstOrDefault(1);
        // The bars at the ends have none: they are drawn as wide as the others.
        double Low(HistogramBar bar) => double.IsFinite(bar.Low) ? bar.Low : bar.High - width;
        double High(HistogramBar bar) => double.IsFinite(bar.High) ? bar.High : bar.Low + width;
        var x = new Scale(Low(bars[0]), High(bars[^1]));
        Plot.Write(html, "differencebars", "Differences of the pairs", $"Histogram of {Figure.Count(bars.Sum(b => b.Count))} differences in nats; below 0, B is better. Equal pairs are not in it.", 240, x, Scale.Of(bars.Select(b => (double)b.Count)), plot =>
        {
            plot.YAxis(Results.Quantity.Short, "pairs");
            plot.XAxis(Figure.Tick, "B minus A, nats");
            foreach (var bar in bars)
            {
                plot.Mark($"{Figure.Brief(bar.Low)} to {Figure.Brief(bar.High)}: {Figure.Count(bar.Count)} pairs", () =>
                {
                    plot.Column(Low(bar), High(bar));
                    plot.Box(double.IsFinite(bar.High - bar.Low) ? "bar at" : "bar open at", Low(bar), High(bar), 0, bar.Count);
                });
            }

            plot.Line("quantile", 0, plot.Y.Low, 0, plot.Y.High);
        });
    }

    private static void WriteClasses(HtmlWriter html, ComparisonResult result)
    {
        PairedClassFigures[] seen = [.. result.PerClass.Where(c => c.Figures.MeanDifference is not null)];
        if (seen.Length == 0)
        {
            html.Write($"""<p class="muted">No class has pairs.</p>""");
            return;
        }

        WriteIntervals(html, "classdifferences", "Difference by class",
            [.. seen.Select(c => (c.Name ?? $"class {c.Class}", c.Figures.MeanDifference!.Value, c.Ci95, c.Figures.Counts.Rows))]);
        List<Column> columns = [new Column.Counts("Class", i => seen[i].Class) { IsKey = true }];
        if (seen.Any(c => c.Name is not null))
        {
            columns.Add(new Column.Texts("Name", i => seen[i].Name) { IsKey = true });
        }

        columns.AddRange(
        [
            new Column.Counts("Pairs", i => seen[i].Figures.Counts.Rows),
            new Column.Reals("A", i => seen[i].Figures.MeanA) { Hint = "mean loss, nats" },
            new Column.Reals("B", i => seen[i].Figures.MeanB) { Hint = "mean loss, nats" },
            new Column.Reals("Difference", i => seen[i].Figures.MeanDifference) { Hint = "B minus A, nats" },
            new Column.Reals("Standard error", i => seen[i].Figures.StandardError),
            new Column.Counts("Better", i => seen[i].Figures.Counts.Better),
            new Column.Counts("Worse", i => seen[i].Figures.Counts.Worse),
            new Column.Counts("Right in A", i => seen[i].Figures.Counts.CorrectA),
            new Column.Counts("Right in B", i => seen[i].Figures.Counts.CorrectB),
        ]);
        new DataTable("classtable", "The classes that have pairs", seen.Length, columns).Write(html);
    }

    private static void WriteSlices(HtmlWriter html, ComparisonResult result)
    {
        int number = 0;
        foreach (var set in result.Slices.GroupBy(s => string.Join(", ", s.Key.Select(k => k.Column))))
        {
            number++;
            PairedSlice[] slices = [.. set];
            WriteIntervals(html, $"slices{number}", $"Difference by {set.Key}",
                [.. slices.Where(s => s.Figures.Difference.Mean is not null).Select(s => (string.Join(", ", s.Key.Select(k => k.Value ?? Null)), s.Figures.Difference.Mean!.Value, s.Figures.Difference.Ci95, s.Figures.Pairs))]);
            new DataTable($"slicetable{number}", $"{Figure.Count(slices.Length)} slices by {set.Key}", slices.Length,
            [
                .. slices[0].Key.Select((key, k) => new Column.Texts(key.Column, i => slices[i].Key[k].Value ?? Null) { IsKey = true }),
                new Column.Counts("Pairs", i => slices[i].Figures.Pairs),
                new Column.Reals("A", i => slices[i].Figures.LossA) { Hint = "mean loss, nats" },
                new Column.Reals("B", i => slices[i].Figures.LossB) { Hint = "mean loss, nats" },
                new Column.Reals("Difference", i => slices[i].Figures.Difference.Mean) { Hint = "B minus A, nats" },
                new Column.Reals("Standard error", i => slices[i].Figures.Difference.StandardError),
                new Column.Counts("Better", i => slices[i].Figures.Difference.Better),
                new Column.Counts("Worse", i => slices[i].Figures.Difference.Worse),
                new Column.Shares("Accuracy A", i => slices[i].Figures.AccuracyA),
                new Column.Shares("Accuracy B", i => slices[i].Figures.AccuracyB),
            ]).Write(html);
        }
    }

    private static void WriteIntervals(HtmlWriter html, string id, string title, IReadOnlyList<(string Name, double Mean, (double Low, double High)? Ci95, long Pairs)> rows)
    {
        var drawn = rows.Where(r => double.IsFinite(r.Mean)).OrderByDescending(r => Math.Abs(r.Mean)).Take(MostDrawn).OrderByDescending(r => r.Mean).ToArray();
        if (drawn.Length == 0)
        {
            return;
        }

        IntervalChart.Write(
            html, id, title, "Mean differences with their 95 % intervals, the largest first; right of the line, B is worse.",
            [.. drawn.Select(r => new Interval(r.Name, r.Mean, Finite(r.Ci95), $"{r.Name}: {Figure.Real(r.Mean)}{(Finite(r.Ci95) is var (low, high) ? $", 95 % interval {Figure.Real(low)} to {Figure.Real(high)}" : "")}, {Figure.Count(r.Pairs)} pairs"))],
            "B minus A, nats", ("equal", 0));
        if (drawn.Length < rows.Count)
        {
            html.Write($"""<p class="muted">Drawn are {Figure.Count(drawn.Length)} of {Figure.Count(rows.Count)}, those that moved most; the table has every one.</p>""");
        }
    }

    private static void WriteMoved(HtmlWriter html, string id, string which, IReadOnlyList<MovedRow> rows, ComparisonResult result)
    {
        if (rows.Count == 0)
        {
            html.Write($"""<p class="muted">There is no row {which}.</p>""");
            return;
        }

        List<Column> columns =
        [
            new Column.Reals("Difference", i => rows[i].Difference) { Hint = "B minus A, nats" },
            new Column.Reals("A", i => rows[i].LossA) { Hint = "loss, nats" },
            new Column.Reals("B", i => rows[i].LossB) { Hint = "loss, nats" },
            new Column.Reals("Label", i => rows[i].Label),
            new Column.Counts("A says", i => rows[i].PredictedA),
            new Column.Counts("B says", i => rows[i].PredictedB),
            new Column.Texts("File of A", i => rows[i].FileA) { IsKey = true },
            new Column.Counts("Row", i => rows[i].RowA) { IsKey = true },
            new Column.Texts("File of B", i => rows[i].FileB) { IsKey = true },
            new Column.Counts("Row in B", i => rows[i].RowB) { IsKey = true },
        ];
        if (rows.Any(r => r.Index is not null))
        {
            columns.Add(new Column.Counts(result.IsBinary ? "Class" : "Position", i => rows[i].Index ?? 0));
        }

        new DataTable(id, $"The {Figure.Count(rows.Count)} rows {which}", rows.Count, columns).Write(html);
    }

    private static void WriteProvenance(HtmlWriter html, ComparisonResult result)
    {
        html.Write($"""<p>Digest <code class="digest">{result.Digest}</code>: equal for equal losses, labels, predictions and slices, whatever the file layout, workers or kernel. Made by dloss {result.Environment.Version}.</p>""");
        var files = result.A.Files.Select(f => (Side: "A", File: f)).Concat(result.B.Files.Select(f => (Side: "B", File: f))).ToArray();
        new DataTable("files", $"The files: A is a {result.A.Kind}, B is a {result.B.Kind}", files.Length,
        [
            new Column.Texts("Side", i => files[i].Side),
            new Column.Texts("File", i => files[i].File.Path) { IsKey = true },
            new Column.Counts("Bytes", i => files[i].File.Bytes),
            new Column.Counts("Rows", i => files[i].File.Rows),
            new Column.Texts("Footer, SHA-256", i => files[i].File.FooterDigest),
        ]).Write(html);
    }

    private static (double Low, double High)? Finite((double Low, double High)? interval) =>
        interval is var (low, high) && double.IsFinite(low) && double.IsFinite(high) ? interval : null;
}
