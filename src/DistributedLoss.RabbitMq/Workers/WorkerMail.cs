using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.RabbitMq.Workers;

/// <summary>What comes into a worker process's mailbox.</summary>
internal abstract record WorkerMail
{
    public sealed record Tick : WorkerMail;

    /// <summary>The process was asked to stop.</summary>
    public sealed record Stop : WorkerMail;

    public sealed record Event(RunEvent Value) : WorkerMail;

    public sealed record SessionBegan(WorkerSession Session) : WorkerMail;

    public sealed record SessionEnded(WorkerSession Session) : WorkerMail;

    /// <summary>There will be no further session.</summary>
    public sealed record BrokerGone(Exception Cause) : WorkerMail;

    /// <summary>From the process's own queue: an announcement, or a frame of a command.</summary>
    public sealed record Message(WorkerSession Session, bool IsAnnouncement, string Sender, byte[] Bytes) : WorkerMail;

    /// <summary>The run's inputs were looked at.</summary>
    /// <param name="Plan">With the times of this machine's files; null where they are not those of the run.</param>
    public sealed record Prepared(WorkerRun Run, RunPlan? Plan, string Refusal) : WorkerMail;

    /// <summary>The run's shards come, or there is no such queue any more.</summary>
    public sealed record Subscribed(WorkerRun Run, WorkerSession Session, ShardSubscription? Subscription) : WorkerMail;

    /// <summary>The broker has cancelled a subscription: the queue is gone.</summary>
    public sealed record Unsubscribed(WorkerRun Run, ShardSubscription Subscription) : WorkerMail;

    public sealed record Delivered(WorkerRun Run, ShardDelivery Delivery) : WorkerMail;

    /// <param name="Report">Of a result, as bytes; the totals themselves are in use again.</param>
    public sealed record Evaluated(WorkerSlot Slot, WorkerRun Run, ShardDelivery Delivery, ShardOutcome Outcome, byte[]? Report) : WorkerMail;

    /// <summary>The broker has a report safe; false when the run has no queue for it any more.</summary>
    public sealed record Stored(PendingReport Report, bool IsKept) : WorkerMail;

    /// <summary>A slot has rested after a failure.</summary>
    public sealed record Rested(PendingReport Report, WorkerSlot Slot) : WorkerMail;
}

/// <summary>A report that the broker has not confirmed yet: it outlives the connection.</summary>
/// <param name="Resting">The slot that rests when the report is safe; null for none.</param>
internal sealed record PendingReport(WorkerRun Run, ShardDelivery Delivery, byte[] Bytes, WorkerSlot? Resting)
{
    // One is not another, whatever is in them.
    public bool Equals(PendingReport? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>A shard as the broker gave it.</summary>
internal sealed record ShardDelivery(ShardSubscription Subscription, ulong Tag, ShardAssignment Assignment)
{
    public Shard Shard => Assignment.Shard;
}
