using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Coordination;

/// <summary>What happens in a run, as it is told to logs. Names and properties are documented in docs/logging.md.</summary>
public abstract partial record RunEvent
{
    /// <param name="Run">Its id, which workers elsewhere tell too.</param>
    public sealed record RunStarted(int Files, int Shards, long Rows, int? Classes, string Engine, int Workers, string Kernel, string Run) : RunEvent;

    /// <summary>A run directory gave back the shards that were done.</summary>
    /// <param name="DroppedBytes">Of a last line that a crash tore.</param>
    public sealed record RunResumed(int ShardsDone, int Shards, long DroppedBytes) : RunEvent;

    public sealed record WorkerJoined(string Worker, int Workers) : RunEvent;

    /// <param name="Shards">Its shards that count.</param>
    /// <param name="Rows">Theirs.</param>
    public sealed record WorkerLeft(string Worker, string Reason, int Workers, int Shards, long Rows) : RunEvent;

    public sealed record ShardAssigned(int Shard, string ShardId, string Worker, int Attempt, long Rows, string File, int RowGroup, long FirstRow) : RunEvent;

    /// <summary>An idle worker was given a straggler's shard as well.</summary>
    public sealed record ShardSpeculated(int Shard, string Worker, string Straggler) : RunEvent;

    /// <param name="Rows">The shard's.</param>
    /// <param name="Seconds">That its worker took for it.</param>
    /// <param name="ShardsDone">Of the run, with this one.</param>
    /// <param name="RemainingSeconds">Of the run, at the rate of its finished shards.</param>
    public sealed record ShardFinished(
        int Shard, string Worker, long Rows, long Evaluated, double? MeanLoss, double Seconds, int ShardsDone, int Shards, double? RemainingSeconds) : RunEvent;

    /// <summary>A shard whose attempt failed or whose worker left goes back to the queue.</summary>
    public sealed record ShardRetried(int Shard, string Worker, int Attempt, string Reason) : RunEvent;

    /// <summary>A shard came back that had been counted already; the second result is equal and dropped.</summary>
    public sealed record ShardDuplicated(int Shard, string Worker) : RunEvent;

    public sealed record Progress(RunProgress Snapshot) : RunEvent;

    /// <summary>No row was read and no shard finished for a while.</summary>
    /// <param name="Reason">What there is, or is not, and what to do.</param>
    public sealed record RunStalled(double Seconds, string Reason, int Workers, int ShardsUnderWay) : RunEvent;

    /// <summary>Rows without a loss were left out, as --on-invalid skip asks.</summary>
    public sealed record RowsSkipped(InvalidCause Cause, long Rows) : RunEvent;

    /// <summary>Sampled rows do not look like what --input declares; they are evaluated as declared.</summary>
    public sealed record InputDoubtful(InputDoubt Doubt) : RunEvent;

    public sealed record RunFinished(int Shards, long Rows, double? MeanLoss, string Digest, double Seconds) : RunEvent;

    public sealed record RunFailed(string Reason, int ShardsDone, int Shards) : RunEvent;

    public sealed record RunCancelled(RunProgress Snapshot) : RunEvent;
}

/// <summary>How far a run has come. Rows include those of shards under way; the mean is over finished shards alone.</summary>
/// <param name="RowsPerSecond">Over the whole run so far; 0 before the first row.</param>
/// <param name="Remaining">Estimated time left; null while there is no rate.</param>
public sealed record RunProgress(
    int ShardsDone, int Shards, long RowsDone, long Rows, double RowsPerSecond, TimeSpan Elapsed, TimeSpan? Remaining, double? MeanLoss, int Workers)
{
    /// <summary>Shards that some worker is at, each counted once.</summary>
    public int ShardsUnderWay { get; init; }

    /// <summary>The workers that are at a shard.</summary>
    public IReadOnlyList<WorkerProgress> Busy { get; init; } = [];

    /// <summary>Of <see cref="RowsDone"/>, those that an earlier process had done.</summary>
    public long RowsResumed { get; init; }

    /// <summary>Of the finished shards, where a row may be a sequence; null while there is none, and without classes.</summary>
    public double? LogitsPerRow { get; init; }

    /// <summary>The normal 95% interval of <see cref="MeanLoss"/>; null below two evaluated rows, NaN where a loss is not finite.</summary>
    public (double Low, double High)? MeanInterval95 { get; init; }

    /// <summary>The share of the finished shards' evaluated rows whose label is the predicted class; null where it is not asked for, or no row has one label.</summary>
    public double? Top1 { get; init; }
}

/// <param name="Rows">That it has read of the shard.</param>
public sealed record WorkerProgress(string Worker, int Shard, long Rows);
