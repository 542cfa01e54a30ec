using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Tests.Logging;

public class StallWatchTests
{
    private readonly StallWatch _watch = new();

    [Fact]
    public void A_run_without_workers_says_so_after_ten_seconds_and_each_time_that_they_have_doubled()
    {
        Assert.Null(See(5, rows: 0, workers: 0));
        Assert.Equal(10, See(10, rows: 0, workers: 0)!.Seconds);
        Assert.Null(See(15, rows: 0, workers: 0));
        var again = See(20, rows: 0, workers: 0)!;
        Assert.Equal((20, 0, 0), (again.Seconds, again.Workers, again.ShardsUnderWay));
        Assert.StartsWith("no worker is there", again.Reason, StringComparison.Ordinal);
        Assert.Null(See(35, rows: 0, workers: 0));
        Assert.NotNull(See(40, rows: 0, workers: 0));
    }

    [Fact]
    public void A_run_whose_workers_do_nothing_says_so_after_a_minute()
    {
        Assert.Null(See(5, rows: 7, workers: 2));
        Assert.Null(See(64, rows: 7, workers: 2));
        Assert.StartsWith("the shards under way do not advance", See(65, rows: 7, workers: 2)!.Reason, StringComparison.Ordinal);
        Assert.StartsWith("no shard is under way", See(130, rows: 7, workers: 2, underWay: 0)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_begins_anew()
    {
        Assert.Null(See(5, rows: 7, workers: 1));
        Assert.NotNull(See(65, rows: 7, workers: 1));
        Assert.Null(See(70, rows: 8, workers: 1));
        Assert.Null(See(129, rows: 8, workers: 1));
        Assert.NotNull(See(130, rows: 8, workers: 1));
    }

    [Fact]
    public void Rows_that_are_lost_with_a_worker_are_read_again_as_progress()
    {
        Assert.Null(See(5, rows: 50, workers: 1));
        Assert.Null(See(10, rows: 20, workers: 1));
        Assert.Null(See(60, rows: 30, workers: 1));
        Assert.Null(See(70, rows: 30, workers: 1));
    }

    [Fact]
    public void A_run_that_is_done_does_not_stand_still()
    {
        Assert.Null(See(5, rows: 100, workers: 0, shards: 4));
        Assert.Null(See(600, rows: 100, workers: 0, shards: 4));
    }

    private RunEvent.RunStalled? See(double seconds, long rows, int workers, int underWay = 1, int shards = 0) =>
        _watch.Observe(new RunProgress(shards, 4, rows, 100, rows / seconds, TimeSpan.FromSeconds(seconds), null, null, workers) { ShardsUnderWay = workers == 0 ? 0 : underWay });
}
