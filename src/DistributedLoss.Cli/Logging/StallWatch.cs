using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Logging;

/// <summary>Sees from the progress of a run that it stands still. Its clock is the run's own; it speaks again each time that the standstill has doubled.</summary>
internal sealed class StallWatch
{
    /// <summary>Time in which workers that were started together with the coordinator have come.</summary>
    private static readonly TimeSpan NobodyLimit = TimeSpan.FromSeconds(10);

    /// <summary>More than any page takes, and than it takes to see that a worker is lost and to give its shard to another.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private RunProgress? _moved;
    private TimeSpan _spoke;

    /// <returns>What the log is to say; mostly nothing.</returns>
    public RunEvent.RunStalled? Observe(RunProgress now)
    {
        if (_moved is null || now.RowsDone > _moved.RowsDone || now.ShardsDone > _moved.ShardsDone)
        {
            // Nothing was done since the run began where the first news has no rate.
            _moved = _moved is null && now.RowsPerSecond <= 0 ? now with { Elapsed = TimeSpan.Zero } : now;
            _spoke = TimeSpan.Zero;
        }
        else if (now.RowsDone < _moved.RowsDone)
        {
            // A worker was lost, and what it had read: the next row is progress again.
            _moved = _moved with { RowsDone = now.RowsDone };
        }

        var still = now.Elapsed - _moved.Elapsed;
        if (now.ShardsDone == now.Shards || still < (now.Workers == 0 ? NobodyLimit : Limit) || still < 2 * _spoke)
        {
            return null;
        }

        _spoke = still;
        string reason = (now.Workers, now.ShardsUnderWay) switch
        {
            (0, _) => "no worker is there; start workers, and see in their logs why they do not join",
            (_, 0) => "no shard is under way; see in the logs of the workers what they do",
            _ => "the shards under way do not advance; see in the logs of their workers what they do",
        };
        return new RunEvent.RunStalled(still.TotalSeconds, reason, now.Workers, now.ShardsUnderWay);
    }
}
