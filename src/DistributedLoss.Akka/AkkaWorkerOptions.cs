using Akka.Actor;
using DistributedLoss.Akka.Nodes;

namespace DistributedLoss.Akka;

public sealed record AkkaWorkerOptions
{
    public required NodeSettings Node { get; init; }

    /// <summary>Shards that are evaluated at once, each on a thread of its own.</summary>
    public int Slots { get; init; } = Environment.ProcessorCount;

    /// <summary>How long shards under way may go on when the worker is asked to stop; what is not done by then is handed back.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The worker stops by itself when it had no shard for that long; null for never.</summary>
    public TimeSpan? IdleLimit { get; init; }

    /// <summary>The node's actor system is there, the first or the next; tests stop it.</summary>
    internal Action<ActorSystem> OnStarted { get; init; } = _ => { };
}
