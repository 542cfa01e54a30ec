using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Status;
using DistributedLoss.Http.Tests.Metrics;

namespace DistributedLoss.Http.Tests.Status;

public class CoordinatorStatusTests
{
    private const double Limit = 300;

    private readonly ManualTime _time = new();
    private readonly CoordinatorStatus _status;

    public CoordinatorStatusTests() => _status = new CoordinatorStatus(TimeSpan.FromSeconds(Limit), _time);

    [Fact]
    public void Every_event_of_a_run_is_in_its_metrics()
    {
        Assert.Equal(1, Screened()["dloss_run_state{state=\"planning\"}"]);
        Start();
        _status.Observe(new RunEvent.WorkerJoined("a", 1));
        _status.Observe(new RunEvent.WorkerJoined("b", 2));
        _status.Observe(new RunEvent.ShardRetried(1, "a", 1, "no"));
        _status.Observe(new RunEvent.WorkerLeft("a", "killed", 1, 0, 0));
        _status.Observe(new RunEvent.ShardSpeculated(2, "b", "a"));
        _status.Observe(new RunEvent.ShardFinished(2, "b", 10, 9, 0.5, 1.5, 1, 4, 9));
        _status.Observe(new RunEvent.ShardFinished(3, "b", 10, 9, 0.5, 2, 2, 4, 6));
        _status.Observe(new RunEvent.ShardDuplicated(2, "a"));
        Report(rows: 25, shards: 2, underWay: 1);
        var page = Screened();
        Assert.Equal(1, page["dloss_run_state{state=\"running\"}"]);
        Assert.Equal(0, page["dloss_run_state{state=\"planning\"}"]);
        Assert.Equal(1, page["dloss_run_info{run=\"8a04\",engine=\"local\",kernel=\"256\"}"]);
        Assert.Equal(4, page["dloss_shards_planned"]);
        Assert.Equal(2, page["dloss_shards_done"]);
        Assert.Equal(1, page["dloss_shards_under_way"]);
        Assert.Equal(40, page["dloss_rows_planned"]);
        Assert.Equal(25, page["dloss_rows_done"]);
        Assert.Equal(2.5, page["dloss_rows_per_second"]);
        Assert.Equal(10, page["dloss_run_elapsed_seconds"]);
        Assert.Equal(6, page["dloss_run_remaining_seconds"]);
        Assert.Equal(0.75, page["dloss_mean_loss"]);
        Assert.Equal(1, page["dloss_workers"]);
        Assert.Equal(2, page["dloss_workers_joined_total"]);
        Assert.Equal(1, page["dloss_workers_left_total"]);
        Assert.Equal(1, page["dloss_shard_retries_total"]);
        Assert.Equal(1, page["dloss_shard_speculations_total"]);
        Assert.Equal(1, page["dloss_shard_duplicates_total"]);
        Assert.Equal(3.5, page["dloss_shard_duration_seconds_sum"]);
        Assert.Equal(2, page["dloss_shard_duration_seconds_count"]);

        _status.Observe(new RunEvent.RunFinished(4, 40, 0.7, "00", 12));
        page = Screened();
        Assert.Equal(1, page["dloss_run_state{state=\"finished\"}"]);
        Assert.Equal(0.7, page["dloss_mean_loss"]);
    }

    [Fact]
    public void What_there_is_no_figure_for_yet_is_absent_and_not_zero()
    {
        var page = Screened();
        Assert.False(page.Has("dloss_rows_planned"));
        Assert.False(page.Has("dloss_mean_loss"));
        Assert.False(page.Has("dloss_run_remaining_seconds"));
    }

    [Fact]
    public void A_run_that_moves_is_healthy_however_long_it_takes()
    {
        Start();
        for (int rows = 1; rows < 30; rows++)
        {
            _time.Advance(Limit - 1);
            Report(rows, shards: 0, underWay: 1);
            Assert.Null(_status.Health().Trouble);
        }

        using var health = JsonDocument.Parse(_status.Health().ToJson());
        Assert.True(health.RootElement.GetProperty("healthy").GetBoolean());
        Assert.Equal("running", health.RootElement.GetProperty("state").GetString());
        Assert.Equal(29, health.RootElement.GetProperty("rowsDone").GetInt64());
        Assert.Equal(40, health.RootElement.GetProperty("rows").GetInt64());
    }

    [Fact]
    public void A_run_that_stands_still_beyond_the_limit_says_so_and_recovers()
    {
        Start();
        _status.Observe(new RunEvent.WorkerJoined("a", 1));
        Report(rows: 5, shards: 0, underWay: 1);
        _time.Advance(Limit);
        Report(rows: 5, shards: 0, underWay: 1);
        Assert.Null(_status.Health().Trouble);
        _time.Advance(1);
        Assert.Equal("no progress for 301 s, and 300 s is the limit: 1 shards are under way on 1 workers", _status.Health().Trouble);
        Report(rows: 5, shards: 0, underWay: 0);
        Assert.Equal("no progress for 301 s, and 300 s is the limit: no shard is under way on 1 workers", _status.Health().Trouble);
        _status.Observe(new RunEvent.WorkerLeft("a", "killed", 0, 0, 0));
        Assert.Equal("no progress for 301 s, and 300 s is the limit: no worker is there", _status.Health().Trouble);
        Assert.Equal(301, Screened()["dloss_progress_age_seconds"]);
        Report(rows: 6, shards: 0, underWay: 1);
        Assert.Null(_status.Health().Trouble);
    }

    [Fact]
    public void A_broker_that_is_away_is_what_a_run_stands_still_for()
    {
        Start();
        _status.Observe(new RunEvent.BrokerConnected("amqp://broker:5672/", "3.10.8"));
        Assert.Equal(1, Screened()["dloss_connected"]);
        _status.Observe(new RunEvent.BrokerAway("amqp://broker:5672/", "connection refused", 1));
        Assert.Equal(0, Screened()["dloss_connected"]);
        Assert.Null(_status.Health().Trouble);
        _time.Advance(Limit + 1);
        Assert.Equal("no progress for 301 s, and 300 s is the limit: no connection to amqp://broker:5672/: connection refused", _status.Health().Trouble);
    }

    [Fact]
    public void A_plan_that_takes_too_long_is_no_health_either()
    {
        _time.Advance(Limit + 1);
        Assert.Equal("no progress for 301 s, and 300 s is the limit: the plan is not made yet", _status.Health().Trouble);
    }

    [Fact]
    public void A_failed_run_is_unhealthy_and_tells_its_reason()
    {
        Start();
        _status.Observe(new RunEvent.RunFailed("a.parquet: no", 1, 4));
        Assert.Equal("the run failed: a.parquet: no", _status.Health().Trouble);
        Assert.Equal(1, Screened()["dloss_run_state{state=\"failed\"}"]);
    }

    [Fact]
    public void A_run_that_is_over_stands_still_in_good_health()
    {
        Start();
        _status.Observe(new RunEvent.RunFinished(4, 40, 0.7, "00", 12));
        _time.Advance(10 * Limit);
        Assert.Null(_status.Health().Trouble);
    }

    private void Start() => _status.Observe(new RunEvent.RunStarted(1, 4, 40, 3, "local", 2, "256", "8a04"));

    private void Report(long rows, int shards, int underWay) =>
        _status.Report(new RunProgress(shards, 4, rows, 40, 2.5, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(6), 0.75, 1) { ShardsUnderWay = underWay });

    private ScreenedMetrics Screened() => new(PrometheusText.Write(_status.Metrics()));
}
