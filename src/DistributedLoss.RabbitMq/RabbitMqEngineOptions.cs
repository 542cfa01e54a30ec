using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq;

public sealed record RabbitMqEngineOptions
{
    public required BrokerSettings Broker { get; init; }

    /// <summary><see cref="CoordinatorOptions.MaxLosses"/> is the broker's delivery limit of a shard.</summary>
    public CoordinatorOptions Coordinator { get; init; } = new();

    /// <summary>Keeps each result before it counts, and gives back those of a run that is continued.</summary>
    public RunDirectory? RunDirectory { get; init; }

    public Patience Patience { get; init; } = Patience.OfCoordinator;

    /// <summary>Time between announcements: the longest that a worker which comes late, or again, waits for the run.</summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A worker that is silent for so many liveness limits has left.</summary>
    public int SilentLimits { get; init; } = 2;

    /// <summary>Without any news of a shard for that long, and with an empty queue, what is not settled is offered again.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the queues of a run outlive the last who used them.</summary>
    public TimeSpan QueueLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Shards in the broker's queue, or with workers, at a time: a million of them need not lie there.</summary>
    public int OfferWindow { get; init; } = 4096;
}
