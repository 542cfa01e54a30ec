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
    private readonly RunFacts _run = new();
    private long _moved = time.GetTimestamp();

    public void Observe(RunEvent e)
    {
        lock (_gate)
        {
            _connection.Observe(e);
            var before = _run.State;
            _run.Observe(e);
            if (e is RunEvent.ShardFinished || _run.State != before)
            {
                Move();
            }
        }
    }

    public void Report(RunProgress value)
    {
        lock (_gate)
        {
            if (value.RowsDone > (_run.Progress?.RowsDone ?? 0) || value.ShardsDone > (_run.Progress?.ShardsDone ?? 0))
            {
                Move();
            }

            _run.Report(value);
        }
    }

    public HealthReport Health()
    {
        lock (_gate)
        {
            return new HealthReport(Trouble(), new JsonObject
            {
                ["role"] = "coordinator",
                ["state"] = Word(_run.State),
                ["run"] = _run.Started?.Run,
                ["engine"] = _run.Started?.Engine,
                ["shards"] = _run.Started?.Shards,
                ["shardsDone"] = _run.Progress?.ShardsDone,
                ["rows"] = _run.Started?.Rows,
                ["rowsDone"] = _run.Progress?.RowsDone,
                ["rowsPerSecond"] = _run.Progress?.RowsPerSecond,
                ["remainingSeconds"] = _run.Progress?.Remaining?.TotalSeconds,
                ["workers"] = _run.Workers,
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
                    Enum.GetValues<RunState>().Select(s => (Word(s), s == _run.State ? 1.0 : 0))),
                .. _run.Started is { } started
                    ? [MetricFamily.Info("dloss_run_info", "The run's id, and what it is run by.", KeyValuePair.Create("run", started.Run), KeyValuePair.Create("engine", started.Engine), KeyValuePair.Create("kernel", started.Kernel))]
                    : Array.Empty<MetricFamily>(),
                MetricFamily.Gauge("dloss_shards_planned", "Shards of the run.", _run.Started?.Shards),
                MetricFamily.Gauge("dloss_shards_done", "Shards whose result counts, those of a continued run included.", _run.Progress?.ShardsDone),
                MetricFamily.Gauge("dloss_shards_under_way", "Shards that a worker is at.", _run.Progress?.ShardsUnderWay),
                MetricFamily.Gauge("dloss_rows_planned", "Rows of all shards.", _run.Started?.Rows),
                MetricFamily.Gauge("dloss_rows_done", "Rows of the shards that count, and those read of the shards under way.", _run.Progress?.RowsDone),
                MetricFamily.Gauge("dloss_rows_per_second", "Rows a second, over the whole run so far.", _run.Progress?.RowsPerSecond),
                MetricFamily.Gauge("dloss_run_elapsed_seconds", "Time since the run began.", _run.Progress?.Elapsed.TotalSeconds),
                MetricFamily.Gauge("dloss_run_remaining_seconds", "Estimated time left; absent while there is no rate.", _run.Progress?.Remaining?.TotalSeconds),
                MetricFamily.Gauge("dloss_progress_age_seconds", "Time since a row was last read or a shard finished.", StandsStill().TotalSeconds),
                MetricFamily.Gauge("dloss_mean_loss", "Mean loss over the finished shards; absent while there is none.", _run.MeanLoss),
                MetricFamily.Gauge("dloss_workers", "Workers that are there.", _run.Workers),
                .. _connection.Metrics(),
                MetricFamily.Counter("dloss_workers_joined_total", "Workers that came.", _run.Joined),
                MetricFamily.Counter("dloss_workers_left_total", "Workers that went, released or lost.", _run.Left),
                MetricFamily.Counter("dloss_shard_retries_total", "Shards that went back to the queue.", _run.Retried),
                MetricFamily.Counter("dloss_shard_speculations_total", "Stragglers' shards that an idle worker got as well.", _run.Speculated),
                MetricFamily.Counter("dloss_shard_duplicates_total", "Results of shards that counted already, dropped.", _run.Duplicates),
                MetricFamily.Summary("dloss_shard_duration_seconds", "What workers took for the shards that this process saw finish.", _run.FinishedSeconds, _run.Finished),
            ];
        }
    }

    private static string Word(RunState state) => state.ToString().ToLowerInvariant();

    private string? Trouble()
    {
        if (_run.State == RunState.Failed)
        {
            return $"the run failed: {_run.Failure}";
        }

        if (_run.State is not (RunState.Planning or RunState.Running) || StandsStill() is var still && still <= stallLimit)
        {
            return null;
        }

        string what = (_run.State, _run.Workers, _run.Progress?.ShardsUnderWay ?? 0) switch
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

    private void Move() => _moved = time.GetTimestamp();
}
