using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Coordinators;

/// <summary>What comes into the coordinator's mailbox.</summary>
internal abstract record CoordinatorMail
{
    public sealed record Tick : CoordinatorMail;

    public sealed record Cancel : CoordinatorMail;

    public sealed record Event(RunEvent Value) : CoordinatorMail;

    public sealed record SessionBegan(CoordinatorSession Session) : CoordinatorMail;

    public sealed record SessionEnded(CoordinatorSession Session) : CoordinatorMail;

    /// <summary>The run cannot go on: there will be no further session, or what came in could not be kept, or told.</summary>
    public sealed record Fault(Exception Cause) : CoordinatorMail;

    /// <summary>From the results queue: a frame of a report that must not be lost.</summary>
    public sealed record Result(CoordinatorSession Session, ulong Tag, string Sender, byte[] Frame) : CoordinatorMail;

    /// <summary>From the inbox: a report that may be lost.</summary>
    public sealed record Notice(string Sender, byte[] Report) : CoordinatorMail;

    /// <summary>A shard that was delivered too often.</summary>
    public sealed record Dead(CoordinatorSession Session, ulong Tag, byte[] Assignment, long Deliveries) : CoordinatorMail;
}
