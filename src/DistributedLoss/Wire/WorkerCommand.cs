namespace DistributedLoss.Wire;

/// <summary>What the coordinator tells a worker.</summary>
/// <param name="Worker">Whom it is for.</param>
public abstract record WorkerCommand(string RunId, string Worker)
{
    /// <param name="Version">The coordinator's version of dloss.</param>
    /// <param name="Description">As <see cref="WireRuns"/> writes and reads it: made once, however many workers there are.</param>
    public sealed record Run(string RunId, string Worker, string Version, ReadOnlyMemory<byte> Description) : WorkerCommand(RunId, Worker);

    public sealed record Assign(string RunId, string Worker, ShardAssignment Assignment) : WorkerCommand(RunId, Worker);

    /// <summary>The shard is of no more interest: stop it as soon as may be, and ask for the next.</summary>
    public sealed record Abandon(string RunId, string Worker, int Shard) : WorkerCommand(RunId, Worker);

    /// <summary>There is no more work for the worker in this run.</summary>
    public sealed record Release(string RunId, string Worker, string Reason) : WorkerCommand(RunId, Worker);
}
