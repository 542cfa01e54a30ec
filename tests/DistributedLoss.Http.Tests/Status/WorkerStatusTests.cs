using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Status;
using DistributedLoss.Http.Tests.Metrics;

namespace DistributedLoss.Http.Tests.Status;

public class WorkerStatusTests
{
    private const double Limit = 60;

    private readonly ManualTime _time = new();
    private readonly WorkerStatus _status;

    public WorkerStatusTests() => _status = new WorkerStatus(TimeSpan.FromSeconds(Limit), _time);

    [Fact]
    public void Every_event_of_a_worker_is_in_its_metrics()
    {
        _status.Observe(new RunEvent.WorkerStarted("host-1", 2, "rabbitmq", "0.1.0", "256"));
        Connect();
        _status.Observe(new RunEvent.RunJoined("r1", "host-1", 1, 3));
        _status.Observe(new RunEvent.RunJoined("r2", "host-1", 1, 3));
        _status.Observe(new RunEvent.RunRefused("r3", "host-1", "other version"));
        Take(1, "host-1/1");
        _time.Advance(1);
        Take(2, "host-1/2");
        _time.Advance(1);
        _status.Observe(new RunEvent.ShardDone("r1", 1, "host-1/1", 10, 4096, 2));
        _status.Observe(new RunEvent.ShardFailed("r1", 2, "host-1/2", 1, "disk"));
        Take(3, "host-1/1");
        _status.Observe(new RunEvent.ShardDropped("r1", 3, "host-1/1", "settled elsewhere"));
        Take(4, "host-1/1");
        _time.Advance(0.5);
        _status.Observe(new RunEvent.RunLeft("r2", "host-1", "it is over"));
        var page = Screened();
        Assert.Equal(1, page["dloss_worker_info{worker=\"host-1\",engine=\"rabbitmq\",kernel=\"256\"}"]);
        Assert.Equal(1, page["dloss_connected"]);
        Assert.Equal(1, page["dloss_connections_total"]);
        Assert.Equal(2, page["dloss_worker_slots"]);
        Assert.Equal(1, page["dloss_worker_shards_under_way"]);
        Assert.Equal(1, page["dloss_worker_runs"]);
        Assert.Equal(2, page["dloss_worker_runs_joined_total"]);
        Assert.Equal(1, page["dloss_worker_runs_refused_total"]);
        Assert.Equal(1, page["dloss_worker_shards_total{outcome=\"done\"}"]);
        Assert.Equal(1, page["dloss_worker_shards_total{outcome=\"failed\"}"]);
        Assert.Equal(1, page["dloss_worker_shards_total{outcome=\"dropped\"}"]);
        Assert.Equal(10, page["dloss_worker_rows_total"]);
        Assert.Equal(4096, page["dloss_worker_read_bytes_total"]);
        // Two seconds of the first shard, one of the second, half a one of the fourth, which is under way.
        Assert.Equal(3.5, page["dloss_worker_busy_seconds_total"]);
    }

    [Fact]
    public void A_worker_is_healthy_with_a_connection_and_without_one_up_to_the_limit()
    {
        _time.Advance(Limit);
        Assert.Null(_status.Health().Trouble);
        _time.Advance(1);
        Assert.Equal("no connection for 61 s, and 60 s is the limit: not connected yet", _status.Health().Trouble);
        Connect();
        Assert.Null(_status.Health().Trouble);
        _time.Advance(10 * Limit);
        Assert.Null(_status.Health().Trouble);

        Lose("connection refused");
        _time.Advance(Limit);
        Lose("no route to host");
        Assert.Null(_status.Health().Trouble);
        Assert.Equal(0, Screened()["dloss_connected"]);
        _time.Advance(1);
        Assert.Equal("no connection for 61 s, and 60 s is the limit: no route to host", _status.Health().Trouble);
        Connect();
        Assert.Null(_status.Health().Trouble);
        Assert.Equal(2, Screened()["dloss_connections_total"]);
    }

    [Fact]
    public void A_place_in_a_cluster_is_a_connection_too()
    {
        _time.Advance(Limit + 1);
        Assert.NotNull(_status.Health().Trouble);
        _status.Observe(new RunEvent.ClusterJoined("akka.tcp://dloss@host:4053"));
        Assert.Null(_status.Health().Trouble);
        _status.Observe(new RunEvent.ClusterLeft("akka.tcp://dloss@host:4053", "the other nodes removed it"));
        _time.Advance(Limit + 1);
        Assert.Equal("no connection for 61 s, and 60 s is the limit: the other nodes removed it", _status.Health().Trouble);
        _status.Observe(new RunEvent.ClusterJoined("akka.tcp://dloss@host:4053"));
        Assert.Equal(2, Screened()["dloss_connections_total"]);
    }

    [Fact]
    public void Health_names_what_the_worker_is_at()
    {
        Assert.Equal("disconnected", State());
        Connect();
        Assert.Equal("idle", State());
        Take(1, "host-1/1");
        Assert.Equal("working", State());
        _status.Observe(new RunEvent.WorkerStopped("host-1", 0, "it was asked to"));
        Assert.Equal("stopped", State());
    }

    private string? State()
    {
        using var health = JsonDocument.Parse(_status.Health().ToJson());
        return health.RootElement.GetProperty("state").GetString();
    }

    private void Connect() => _status.Observe(new RunEvent.BrokerConnected("amqp://broker:5672/", "3.10.8"));

    private void Lose(string reason) => _status.Observe(new RunEvent.BrokerAway("amqp://broker:5672/", reason, 1));

    private void Take(int shard, string worker) => _status.Observe(new RunEvent.ShardTaken("r1", shard, "id", worker, 1, 10, "a.parquet", 0));

    private ScreenedMetrics Screened() => new(PrometheusText.Write(_status.Metrics()));
}
