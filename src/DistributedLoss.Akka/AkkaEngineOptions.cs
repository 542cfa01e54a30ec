using Akka.Actor;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;

namespace DistributedLoss.Akka;

public sealed record AkkaEngineOptions
{
    public required NodeSettings Node { get; init; }

    public CoordinatorOptions Coordinator { get; init; } = new();

    /// <summary>Keeps each result before it counts, and gives back those of a run that is continued.</summary>
    public RunDirectory? RunDirectory { get; init; }

    /// <summary>The node's actor system is there, the first or the next; tests stop it.</summary>
    internal Action<ActorSystem> OnStarted { get; init; } = _ => { };
}
