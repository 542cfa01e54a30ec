namespace DistributedLoss.Coordination;

/// <content>How far the run is.</content>
public sealed partial class Coordinator
{
    // A trillion rows at one a second do not fit a TimeSpan.
    private static readonly TimeSpan MaxRemaining = TimeSpan.FromDays(100_000);

    public RunProgress Snapshot(TimeSpan now)
    {
        // A speculated shard has several executions under way: the furthest counts.
        long[] underWay = [.. _workers.Values.Where(w => w.Shard is { } s && !_ledger.IsSettled(s)).GroupBy(w => w.Shard).Select(g => g.Max(w => w.Rows))];
        long rows = _settledRows;
        foreach (long furthest in underWay)
        {
            rows += furthest;
        }

        double rate = Rate(rows, now);
        var totals = _ledger.Totals;
        return new RunProgress(_ledger.Settled, _ledger.Shards, rows, _totalRows, rate, now, Remaining(rows, rate), totals.MeanLoss, _workers.Count)
        {
            ShardsUnderWay = underWay.Length,
            Busy = [.. from worker in _workers let state = worker.Value where state.Shard.HasValue select new WorkerProgress(worker.Key, state.Shard.GetValueOrDefault(), state.Rows)],
            RowsResumed = _resumedRows,
            LogitsPerRow = totals.FileRows > 0 ? (double)totals.Rows.Total / totals.FileRows * _classes : null,
            MeanInterval95 = totals.MeanInterval95,
            Top1 = totals.Ranks.Ks.Contains(1) ? totals.Ranks.Accuracy(1) : null,
        };
    }

    private double Rate(long rows, TimeSpan now) => now > TimeSpan.Zero ? (rows - _resumedRows) / now.TotalSeconds : 0;

    private TimeSpan? Remaining(long rows, double rate) =>
        rate > 0 ? TimeSpan.FromSeconds(Math.Min((_totalRows - rows) / rate, MaxRemaining.TotalSeconds)) : null;
}
