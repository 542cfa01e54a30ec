using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq;

public sealed record RabbitMqWorkerOptions
{
    public required BrokerSettings Broker { get; init; }

    /// <summary>Shards that are evaluated at once, each on a thread of its own.</summary>
    public int Slots { get; init; } = Environment.ProcessorCount;

    /// <summary>How long shards under way may go on when the worker is asked to stop; what is not done by then is handed back.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    public Patience Patience { get; init; } = Patience.OfWorker;

    /// <summary>The worker stops by itself when it had no run's shard for that long; null for never.</summary>
    public TimeSpan? IdleLimit { get; init; }

    /// <summary>How long a run is worked for whose coordinator is not heard of.</summary>
    public TimeSpan Loyalty { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a slot rests after a shard that failed for its disk or memory, so that the next attempt goes to another worker where there is one.</summary>
    public TimeSpan RetryElsewhere { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Of dloss; tests give another.</summary>
    internal string Version { get; init; } = ProgramVersion.Current;
}
