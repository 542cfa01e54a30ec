using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Status;

/// <summary>A process of workers, from the events that it tells. For any number of threads.</summary>
/// <param name="awayLimit">How long it may be without a connection to its broker or cluster before it counts as unhealthy.</param>
public sealed class WorkerStatus(TimeSpan awayLimit, TimeProvider time) : IObservedStatus
{
    private readonly Lock _gate = new();
    private readonly ConnectionState _connection = new(time);
    private readonly HashSet<string> _runs = [];
    private readonly Dictionary<(string Run, int Shard, string Worker), long> _underWay = [];
    private RunEvent.WorkerStarted? _started;
    private string? _stopReason;
    private string? _refusal;
    private long _joined;
    private long _refused;
    private long _done;
    private long _failed;
    private long _dropped;
    private long _rows;
    private long _bytes;
    private TimeSpan _busy;

    public void Observe(RunEvent e)
    {
        lock (_gate)
        {
            _connection.Observe(e);
            switch (e)
            {
                case RunEvent.WorkerStarted started:
                    _started = started;
                    break;
                case RunEvent.WorkerStopped stopped:
                    _stopReason = stopped.Reason;
                    break;
                case RunEvent.RunJoined joined:
                    _runs.Add(joined.Run);
                    _joined++;
                    break;
                case RunEvent.RunRefused refused:
                    _refusal = refused.Reason;
                    _refused++;
                    break;
                case RunEvent.RunLeft left:
                    _runs.Remove(left.Run);
                    break;
                case RunEvent.ShardTaken taken:
                    _underWay[(taken.Run, taken.Shard, taken.Worker)] = time.GetTimestamp();
                    break;
                case RunEvent.ShardDone done:
                    End(done.Run, done.Shard, done.Worker);
                    _done++;
                    _rows += done.Rows;
                    _bytes += done.BytesRead;
                    break;
                case RunEvent.ShardFailed failed:
                    End(failed.Run, failed.Shard, failed.Worker);
                    _failed++;
                    break;
                case RunEvent.ShardDropped dropped:
                    End(dropped.Run, dropped.Shard, dropped.Worker);
                    _dropped++;
                    break;
                default:
                    break;
            }
        }
    }

    public HealthReport Health()
    {
        lock (_gate)
        {
            return new HealthReport(Trouble(), new JsonObject
            {
                ["role"] = "worker",
                ["state"] = State(),
                ["worker"] = _started?.Worker,
                ["engine"] = _started?.Engine,
                ["address"] = _connection.Address,
                ["runs"] = new JsonArray([.. _runs.Order(StringComparer.Ordinal).Select(r => JsonValue.Create(r))]),
                ["slots"] = _started?.Slots,
                ["shardsUnderWay"] = _underWay.Count,
                ["shardsDone"] = _done,
                ["rowsDone"] = _rows,
                ["lastRefusal"] = _refusal,
            });
        }
    }

    public IReadOnlyList<MetricFamily> Metrics()
    {
        lock (_gate)
        {
            return
            [
                .. _started is { } started
                    ? [MetricFamily.Info(
                        "dloss_worker_info",
                        "Who the worker is.",
                        KeyValuePair.Create("worker", started.Worker),
                        KeyValuePair.Create("engine", started.Engine),
                        KeyValuePair.Create("kernel", started.Kernel))]
                    : Array.Empty<MetricFamily>(),
                .. _connection.Metrics(),
                MetricFamily.Gauge("dloss_worker_slots", "Shards that it evaluates at once.", _started?.Slots),
                MetricFamily.Gauge("dloss_worker_shards_under_way", "Shards that it is at.", _underWay.Count),
                MetricFamily.Gauge("dloss_worker_runs", "Runs that it takes part in.", _runs.Count),
                MetricFamily.Counter("dloss_worker_runs_joined_total", "Runs that it took part in.", _joined),
                MetricFamily.Counter("dloss_worker_runs_refused_total", "Times that it could not take part in a run.", _refused),
                MetricFamily.Labelled(
                    MetricType.Counter,
                    "dloss_worker_shards_total",
                    "Shards by how they ended: evaluated, failed, or dropped and handed back without a result.",
                    "outcome",
                    ("done", _done),
                    ("failed", _failed),
                    ("dropped", _dropped)),
                MetricFamily.Counter("dloss_worker_rows_total", "Rows of the shards that it evaluated.", _rows),
                MetricFamily.Counter("dloss_worker_read_bytes_total", "Bytes that it read for them.", _bytes),
                MetricFamily.Counter("dloss_worker_busy_seconds_total", "Time of all slots with a shard.", Busy().TotalSeconds),
            ];
        }
    }

    private string State() => _stopReason is not null ? "stopped" : !_connection.IsConnected ? "disconnected" : _underWay.Count > 0 ? "working" : "idle";

    private string? Trouble() =>
        _stopReason is null && _connection.AwayFor > awayLimit
            ? $"no connection for {_connection.AwayFor.TotalSeconds:0} s, and {awayLimit.TotalSeconds:0} s is the limit: {_connection.Reason}"
            : null;

    private TimeSpan Busy()
    {
        var busy = _busy;
        foreach (long began in _underWay.Values)
        {
            busy += time.GetElapsedTime(began);
        }

        return busy;
    }

    private void End(string run, int shard, string worker)
    {
        if (_underWay.Remove((run, shard, worker), out long began))
        {
            _busy += time.GetElapsedTime(began);
        }
    }
}
