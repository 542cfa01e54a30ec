using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Status;

/// <summary>A run as its coordinator sees it, from the events and the progress that it tells. For any number of threads.</summary>
/// <param name="stallLimit">How long a run may stand still before it counts as unhealthy.</param>
public sealed class CoordinatorStatus(TimeSpan stallLimit, TimeProvider time) : IObservedStatus, IProgress<RunProgress>
{
    private readonly Lock _gate = new();
    private readonly ConnectionState _connection = new(time);
    private RunState _state = RunState.Planning;
    private RunEvent.RunStarted? _started;
    private RunProgress? _progress;
    private string? _failure;
    private double? _mean;
    private int _workers;
    private long _joined;
    private long _left;
    private long _retried;
    private long _speculated;
    private long _duplicates;
    private long _finished;
    private double _finishedSeconds;
    private long _moved = time.GetTimestamp();

    public void Observe(RunEvent e)
    {
        lock (_gate)
        {
            _connection.Observe(e);
            switch (e)
            {
                case RunEvent.RunStarted started:
                    _started = started;
                    Enter(RunState.Running);
                    break;
                case RunEvent.WorkerJoined joined:
                    _workers = joined.Workers;
                    _joined++;
                    break;
                case RunEvent.WorkerLeft left:
                    _workers = left.Workers;
                    _left++;
                    break;
                case RunEvent.ShardRetried:
                    _retried++;
                    break;
                case RunEvent.ShardSpeculated:
                    _speculated++;
                    break;
                case RunEvent.ShardDuplicated:
                    _duplicates++;
                    break;
                case RunEvent.ShardFinished finished:
                    _finished++;
                    _finishedSeconds += finished.Seconds;
                    Move();
                    break;
                case RunEvent.RunFinished finished:
                    _mean = finished.MeanLoss;
                    Enter(RunState.Finished);
                    break;
                case RunEvent.RunFailed failed:
                    _failure = failed.Reason;
                    Enter(RunState.Failed);
                    break;
                case RunEvent.RunCancelled:
                    Enter(RunState.Cancelled);
                    break;
                default:
                    break;
            }
        }
    }

    public void Report(RunProgress value)
    {
        lock (_gate)
        {
            if (value.RowsDone > (_progress?.RowsDone ?? 0) || value.ShardsDone > (_progress?.ShardsDone ?? 0))
            {
                Move();
            }

            _progress = value;
            _mean = value.MeanLoss;
        }
    }

    public HealthReport Health()
    {
        lock (_gate)
        {
            return new HealthReport(Trouble(), new JsonObject
            {
                ["role"] = "coordinator",
                ["state"] = Word(_state),
                ["run"] = _started?.Run,
                ["engine"] = _started?.Engine,
                ["shards"] = _started?.Shards,
                ["shardsDone"] = _progress?.ShardsDone,
                ["rows"] = _started?.Rows,
                ["rowsDone"] = _progress?.RowsDone,
                ["rowsPerSecond"] = _progress?.RowsPerSecond,
                ["remainingSeconds"] = _progress?.Remaining?.TotalSeconds,
                ["workers"] = _workers,
                ["secondsSinceProgress"] = StandsStill().TotalSeconds,
            });
        }
    }

    public IReadOnlyList<MetricFamily> Metrics()
    {
        lock (_gate)
        {
            return
            [
                MetricFamily.Labelled(
                    MetricType.Gauge,
                    "dloss_run_state",
                    "1 for the state that the run is in, 0 for the others.",
                    "state",
                    Enum.GetValues<RunState>().Select(s => (Word(s), s == _state ? 1.0 : 0))),
                .. _started is { } started
                    ? [MetricFamily.Info("dloss_run_info", "The run's id, and what it is run by.", KeyValuePair.Create("run", started.Run), KeyValuePair.Create("engine", started.Engine), KeyValuePair.Create("kernel", started.Kernel))]
                    : Array.Empty<MetricFamily>(),
                MetricFamily.Gauge("dloss_shards_planned", "Shards of the run.", _started?.Shards),
                MetricFamily.Gauge("dloss_shards_done", "Shards whose result counts, those of a continued run included.", _progress?.ShardsDone),
                MetricFamily.Gauge("dloss_shards_under_way", "Shards that a worker is at.", _progress?.ShardsUnderWay),
                MetricFamily.Gauge("dloss_rows_planned", "Rows of all shards.", _started?.Rows),
                MetricFamily.Gauge("dloss_rows_done", "Rows of the shards that count, and those read of the shards under way.", _progress?.RowsDone),
                MetricFamily.Gauge("dloss_rows_per_second", "Rows a second, over the whole run so far.", _progress?.RowsPerSecond),
                MetricFamily.Gauge("dloss_run_elapsed_seconds", "Time since the run began.", _progress?.Elapsed.TotalSeconds),
                MetricFamily.Gauge("dloss_run_remaining_seconds", "Estimated time left; absent while there is no rate.", _progress?.Remaining?.TotalSeconds),
                MetricFamily.Gauge("dloss_progress_age_seconds", "Time since a row was last read or a shard finished.", StandsStill().TotalSeconds),
                MetricFamily.Gauge("dloss_mean_loss", "Mean loss over the finished shards; absent while there is none.", _mean),
                MetricFamily.Gauge("dloss_workers", "Workers that are there.", _workers),
                .. _connection.Metrics(),
                MetricFamily.Counter("dloss_workers_joined_total", "Workers that came.", _joined),
                MetricFamily.Counter("dloss_workers_left_total", "Workers that went, released or lost.", _left),
                MetricFamily.Counter("dloss_shard_retries_total", "Shards that went back to the queue.", _retried),
                MetricFamily.Counter("dloss_shard_speculations_total", "Stragglers' shards that an idle worker got as well.", _speculated),
                MetricFamily.Counter("dloss_shard_duplicates_total", "Results of shards that counted already, dropped.", _duplicates),
                MetricFamily.Summary("dloss_shard_duration_seconds", "What workers took for the shards that this process saw finish.", _finishedSeconds, _finished),
            ];
        }
    }

    private static string Word(RunState state) => state.ToString().ToLowerInvariant();

    private string? Trouble()
    {
        if (_state == RunState.Failed)
        {
            return $"the run failed: {_failure}";
        }

        if (_state is not (RunState.Planning or RunState.Running) || StandsStill() is var still && still <= stallLimit)
        {
            return null;
        }

        string what = (_state, _workers, _progress?.ShardsUnderWay ?? 0) switch
        {
            (RunState.Planning, _, _) => "the plan is not made yet",
            _ when _connection.IsAway => $"no connection to {_connection.Address}: {_connection.Reason}",
            (_, 0, _) => "no worker is there",
            (_, var workers, 0) => $"no shard is under way on {workers} workers",
            (_, var workers, var shards) => $"{shards} shards are under way on {workers} workers",
        };
        return $"no progress for {still.TotalSeconds:0} s, and {stallLimit.TotalSeconds:0} s is the limit: {what}";
    }

    private TimeSpan StandsStill() => time.GetElapsedTime(_moved);

    private void Enter(RunState state)
    {
        _state = state;
        Move();
    }

    private void Move() => _moved = time.GetTimestamp();
}

/// <summary>The words of <c>dloss_run_state</c>, in lower case.</summary>
public enum RunState
{
    Planning,
    Running,
    Finished,
    Failed,
    Cancelled,
}
