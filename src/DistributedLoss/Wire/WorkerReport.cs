namespace DistributedLoss.Wire;

/// <summary>What a worker tells the coordinator.</summary>
/// <param name="RunId">Empty in <see cref="Joined"/>, where the worker has been told of no run yet.</param>
/// <param name="Worker">Unique, also over restarts. One slot: a process with several is several workers.</param>
public abstract record WorkerReport(string RunId, string Worker)
{
    /// <param name="Version">The worker's version of dloss.</param>
    public sealed record Joined(string RunId, string Worker, string Version) : WorkerReport(RunId, Worker);

    /// <param name="Number">From 1 on, higher with each request.</param>
    public sealed record Requested(string RunId, string Worker, long Number) : WorkerReport(RunId, Worker);

    /// <summary>A broker gave the shard to the worker.</summary>
    public sealed record Taken(string RunId, string Worker, int Shard, string ShardId, int Attempt) : WorkerReport(RunId, Worker);

    /// <param name="Rows">Of the shard, read so far; for progress alone.</param>
    public sealed record Progressed(string RunId, string Worker, int Shard, long Rows) : WorkerReport(RunId, Worker);

    public sealed record Finished(string RunId, string Worker, IdentifiedResult Result) : WorkerReport(RunId, Worker);

    public sealed record Failed(string RunId, string Worker, IdentifiedFailure Failure) : WorkerReport(RunId, Worker);

    /// <summary>The shard is handed back unevaluated, which does not count as a failure.</summary>
    public sealed record Returned(string RunId, string Worker, int Shard, string ShardId, int Attempt) : WorkerReport(RunId, Worker);

    public sealed record Left(string RunId, string Worker, string Reason) : WorkerReport(RunId, Worker);
}
