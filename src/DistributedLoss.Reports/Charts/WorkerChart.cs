using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Charts;

/// <summary>Which worker was at a shard when.</summary>
internal static class WorkerChart
{
    /// <summary>More workers have no row of their own, and are in the table alone.</summary>
    public const int MostWorkers = 40;

    // More shards are no longer told from each other: how busy a worker was is drawn instead.
    private const int MostShards = 1000;

    private const int Stretches = 60;

    private const int Shades = 10;

    private const int RowHeight = 20;

    /// <param name="workers">In the order of their rows.</param>
    public static void Write(HtmlWriter html, RunHistory history, IReadOnlyList<string> workers, double end)
    {
        var x = new Scale(0, end);
        bool each = history.BinSeconds is null && history.Spans.Count <= MostShards;
        string title = each ? "Shards by worker" : "How busy each worker was";
        string description = each ? "A bar is a shard, from its start to its end; striped ones were not the first attempt." : "The darker a cell, the more of its time the worker was at a shard.";
        Plot.Write(html, "gantt", title, description, RowHeight * workers.Count, x, new Scale(0, workers.Count), plot =>
        {
            plot.XAxis(Figure.Tick, "seconds since the run began");
            for (int i = 0; i < workers.Count; i++)
            {
                double y = workers.Count - 1 - i;
                plot.Text("name", 0, y + .5, Shortened.To(workers[i], 16), "end", -8, 4);
                RunSpan[] spans = [.. history.Spans.Where(s => s.Worker == workers[i])];
                if (each)
                {
                    WriteShards(plot, spans, y);
                }
                else
                {
                    WriteBusy(plot, workers[i], Busy(history, spans, end), end, y);
                }
            }
        }, css: "rows");
    }

    private static void WriteShards(Plot plot, RunSpan[] spans, double y)
    {
        foreach (var span in spans)
        {
            string again = span.Repeated > 0 ? ", not the first attempt" : "";
            plot.Mark($"{span.Worker}: {Figure.Count(span.Rows)} rows in {Figure.Brief(span.Seconds)} s from {Figure.Brief(span.Start)} s{again}", () =>
                plot.Box($"span{(span.Repeated > 0 ? " again" : "")} at", span.Start, span.Start + span.Seconds, y + .15, y + .85));
        }
    }

    private static void WriteBusy(Plot plot, string worker, double[] busy, double end, double y)
    {
        for (int i = 0; i < busy.Length; i++)
        {
            double from = end * i / busy.Length, to = end * (i + 1) / busy.Length;
            double share = Math.Min(1, busy[i] / (to - from));
            plot.Mark($"{worker}, {Figure.Brief(Math.Round(from, 3))} to {Figure.Brief(Math.Round(to, 3))} s: busy {Figure.Percent(share)}", () =>
                plot.Box($"cell s{(int)Math.Ceiling(Shades * share)} at", from, to, y + .1, y + .9));
        }
    }

    /// <summary>Seconds at shards, by equal stretches of the run.</summary>
    private static double[] Busy(RunHistory history, RunSpan[] spans, double end)
    {
        var sums = new Stretched(end, Stretches);
        foreach (var span in spans)
        {
            sums.Add(span.Start, history.BinSeconds ?? span.Seconds, span.Seconds);
        }

        return sums.Values;
    }
}
