using System.Globalization;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>How long it took, who did what when, and what had to be done again.</summary>
internal static class RunSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        var (shards, timing, environment) = (report.Result.Shards, report.Result.Timing, report.Result.Environment);
        html.Write($"""<dl class="strip">""");
        foreach (var (name, value) in ((string, string)[])
            [
                ("began", timing.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)),
                ("planned in", Quantity.Seconds(timing.PlanSeconds)),
                ("evaluated in", Quantity.Seconds(timing.EvaluateSeconds)),
                ("rows/s", Quantity.Short(timing.RowsPerSecond)),
                ("logits/s", Quantity.Short(timing.LogitsPerSecond)),
                ("read", Quantity.Bytes(timing.BytesRead)),
                ("engine", environment.Engine),
                ("workers", Figure.Count(environment.Workers)),
                ("shards", Figure.Count(shards.Total)),
                ("retried", Figure.Count(shards.Retried)),
                ("speculated", Figure.Count(shards.Speculated)),
                ("duplicates", Figure.Count(shards.Duplicates)),
            ])
        {
            html.Write($"<div><dt>{name}</dt><dd>{value}</dd></div>");
        }

        html.Write($"</dl>\n");
        if (shards.History is not { } history)
        {
            html.Write($"""<p class="muted">This result does not tell which worker was at which shard when.</p>""");
            return;
        }

        if (history.ResumedShards > 0)
        {
            html.Write($"""<p>{Figure.Count(history.ResumedShards)} of {Figure.Count(shards.Total)} shards were done by an earlier process of this run; what follows is of the last one.</p>""");
        }

        if (history.Spans.Count > 0)
        {
            WriteSpans(html, history, timing.EvaluateSeconds);
        }
    }

    private static void WriteSpans(HtmlWriter html, RunHistory history, double seconds)
    {
        double end = Math.Max(seconds, history.Spans.Max(s => s.Start + (history.BinSeconds is null ? s.Seconds : 0)));
        end = end > 0 ? end : 1;
        var workers = history.Spans.GroupBy(s => s.Worker).Select(g => (Name: g.Key, First: g.Min(s => s.Start), Shards: g.Sum(s => s.Shards), Rows: g.Sum(s => s.Rows), Seconds: g.Sum(s => s.Seconds), Repeated: g.Sum(s => s.Repeated)))
            .OrderBy(w => w.Name, StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering)).ToArray();
        if (workers.Length <= WorkerChart.MostWorkers)
        {
            WorkerChart.Write(html, history, [.. workers.Select(w => w.Name)], end);
        }

        ThroughputChart.Write(html, history, end);
        new DataTable("workers", "What each worker did", workers.Length,
        [
            new Column.Texts("Worker", i => workers[i].Name) { IsKey = true },
            new Column.Counts("Shards", i => workers[i].Shards) { Hint = "that count" },
            new Column.Counts("Rows", i => workers[i].Rows),
            new Column.Reals("Seconds at shards", i => workers[i].Seconds),
            new Column.Counts("Rows/s", i => workers[i].Seconds > 0 ? (long)(workers[i].Rows / workers[i].Seconds) : 0) { Hint = "while at shards" },
            new Column.Counts("Not first attempts", i => workers[i].Repeated),
        ]).Write(html);
    }
}
