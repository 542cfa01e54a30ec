namespace DistributedLoss.Results;

/// <summary>When which worker was at how many rows. Times are in seconds since the run began.</summary>
/// <param name="BinSeconds">Null where a span is one shard; else shards are added up by worker and time, and this is the width of a span.</param>
/// <param name="ResumedShards">Done by an earlier process, which the spans do not have.</param>
/// <param name="Spans">In the order of their starts, then by worker and shard.</param>
public sealed record RunHistory(double? BinSeconds, int ResumedShards, IReadOnlyList<RunSpan> Spans)
{
    /// <summary>The worker of spans that stand for all workers beyond <see cref="Coordination.RunHistoryRecorder.MostWorkers"/>.</summary>
    public const string OtherWorkers = "others";
}

/// <summary>A shard that counts, or those of a worker that ended within a stretch of time.</summary>
/// <param name="Start">Of the shard, or of the stretch.</param>
/// <param name="Seconds">That the worker was at the shard, or at all of them.</param>
/// <param name="Repeated">Those of <paramref name="Shards"/> that were not done at the first attempt.</param>
public sealed record RunSpan(string Worker, double Start, double Seconds, int Shards, long Rows, int Repeated);
