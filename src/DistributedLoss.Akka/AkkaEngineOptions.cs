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

    /// <summary>How long the seed nodes may leave the coordinator without an answer, before the run fails.</summary>
    public TimeSpan ClusterTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What is wrong with the cluster, or comes from it and cannot be understood: one line each, by any thread.</summary>
    public Action<string> OnTrouble { get; init; } = _ => { };

    /// <summary>The node's actor system is there, the first or the next; tests stop it.</summary>
    internal Action<ActorSystem> OnStarted { get; init; } = _ => { };
}
