using DistributedLoss.Evaluation;
using DistributedLoss.Losses;

namespace DistributedLoss.Coordination;

/// <summary>
/// What engines tell the coordinator. Messages may be lost, come twice, late or in another order. Worker names are unique within a run, also over
/// restarts: a worker that left is answered with Release from then on, and may join under a new name. Its late results still count.
/// </summary>
public abstract record CoordinatorInput
{
    public sealed record WorkerJoined(string Worker) : CoordinatorInput;

    /// <summary>The worker is gone; whatever it held is lost.</summary>
    public sealed record WorkerLeft(string Worker, string Reason) : CoordinatorInput;

    /// <summary>The worker is free. It is answered by Assign now or later, or by Release; without an answer it may ask again.</summary>
    /// <param name="Number">From 1 on, higher with each request of this worker: a request with a number not above an earlier one's is a late copy.</param>
    public sealed record WorkRequested(string Worker, long Number) : CoordinatorInput;

    /// <summary>Rows of the shard under way that the worker has read so far; for progress alone.</summary>
    public sealed record ShardProgressed(string Worker, int Shard, long Rows) : CoordinatorInput;

    public sealed record ShardFinished(string Worker, ShardResult Result) : CoordinatorInput;

    /// <param name="Attempt">The assignment's.</param>
    public sealed record ShardFailed(string Worker, int Shard, int Attempt, ShardFailure Failure) : CoordinatorInput;

    /// <summary>Brokered runs: the broker has the run's queues and lets the coordinator publish, for the first time or again. What was offered before is void.</summary>
    public sealed record BrokerReady : CoordinatorInput;

    /// <summary>Brokered runs: a worker got the shard from the broker. May be lost: it is for progress, logs and stragglers.</summary>
    /// <param name="Attempt">The offer's.</param>
    public sealed record ShardTaken(string Worker, int Shard, int Attempt) : CoordinatorInput;

    /// <summary>Brokered runs: a worker that leaves hands a shard back undone. It counts as no failure.</summary>
    public sealed record ShardReturned(string Worker, int Shard, int Attempt) : CoordinatorInput;

    /// <summary>Brokered runs: the broker gave the shard up, since that many deliveries brought neither result, failure nor return.</summary>
    public sealed record ShardDead(int Shard, long Deliveries) : CoordinatorInput;

    public sealed record Tick : CoordinatorInput;

    public sealed record Cancel : CoordinatorInput;
}

/// <summary>Why a shard has no result.</summary>
/// <param name="Message">One line: what, where, what to do.</param>
/// <param name="Deterministic">True when the data are at fault and a retry cannot help.</param>
public sealed record ShardFailure(string Message, bool Deterministic);

/// <summary>What the coordinator wants done, in order.</summary>
public abstract record CoordinatorOutput
{
    /// <param name="Attempt">1 for the first execution of the shard.</param>
    /// <param name="Request">The number of the request that this answers. A worker that has asked anew since then leaves it alone.</param>
    public sealed record Assign(string Worker, int Shard, int Attempt, long Request) : CoordinatorOutput;

    /// <summary>
    /// Brokered runs: put the shard into the broker's queue, behind those that are there. Whoever takes it keeps the delivery until its result, failure
    /// or return is safe with the broker, so that a worker's end gives it to another; after a failure <see cref="CoordinatorOptions.RetryElsewhere"/>
    /// longer, so that the next offer goes to another too, where there is one.
    /// </summary>
    /// <param name="Attempt">1 for the shard's first offer.</param>
    public sealed record Offer(int Shard, int Attempt) : CoordinatorOutput;

    /// <summary>The shard is settled by another worker, or of no more interest: stop it as soon as may be; the worker stays, and asks for the next.</summary>
    public sealed record Abandon(string Worker, int Shard) : CoordinatorOutput;

    /// <summary>There will be no more work for the worker.</summary>
    public sealed record Release(string Worker) : CoordinatorOutput;

    /// <summary>
    /// The result counts from the moment this is safe in the journal. Until then nobody may be told: outputs behind it that are about the run as a whole
    /// (Log, Completed, Failed, Cancelled) wait; those that are about work need not. <see cref="DistributedLoss.Coordination.Journal.JournalWriter"/> does both.
    /// </summary>
    public sealed record Journal(ShardResult Result) : CoordinatorOutput;

    public sealed record Log(RunEvent Event) : CoordinatorOutput;

    /// <summary>Every shard is settled; the ledger holds the totals.</summary>
    public sealed record Completed : CoordinatorOutput;

    public sealed record Failed(string Message, bool BadInput) : CoordinatorOutput;

    public sealed record Cancelled(RunProgress Progress) : CoordinatorOutput;
}

/// <summary>One execution of a shard.</summary>
/// <param name="Digest">SHA-256 over the canonical bytes of <paramref name="Totals"/>, hardest rows included: equal for equal executions.</param>
/// <param name="Totals">Owned by the receiver from here on.</param>
public sealed record ShardResult(int Shard, string Digest, Totals Totals, TimeSpan Elapsed, long BytesRead)
{
    /// <summary>The rows of this execution, where the run keeps them.</summary>
    public LossPart? Losses { get; init; }
}
