using Akka.Actor;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka;

public sealed record AkkaWorkerOptions
{
    public required NodeSettings Node { get; init; }

    /// <summary>Shards that are evaluated side by side.</summary>
    public int Slots { get; init; } = Environment.ProcessorCount;

    /// <summary>What is wrong, one line each, by any thread.</summary>
    public Action<string> OnTrouble { get; init; } = _ => { };

    /// <summary>The node is in the cluster, or again; told its own address.</summary>
    public Action<string> OnJoined { get; init; } = _ => { };

    /// <summary>A slot takes part in a run: its name, the run's id, and the run.</summary>
    public Action<string, string, RunPlan> OnRun { get; init; } = (_, _, _) => { };

    /// <summary>A slot takes part in a run no longer: its name, the run's id, and why.</summary>
    public Action<string, string, string> OnLeft { get; init; } = (_, _, _) => { };

    /// <summary>The node's actor system is there, the first or the next; tests stop it.</summary>
    internal Action<ActorSystem> OnStarted { get; init; } = _ => { };

    /// <summary>A slot evaluated a shard of so many rows.</summary>
    public Action<long> OnShard { get; init; } = _ => { };
}
