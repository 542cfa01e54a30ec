using DistributedLoss.Runs;

namespace DistributedLoss.Akka;

/// <summary>One slot's name, how often it asks, and who hears of it.</summary>
internal sealed record WorkerOptions(string Name)
{
    /// <summary>How often a worker without a run asks for one.</summary>
    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a worker that waits for a shard says so again.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong, in one line.</summary>
    public Action<string> OnTrouble { get; init; } = _ => { };

    /// <summary>It takes part in the run.</summary>
    public Action<string, RunPlan> OnRun { get; init; } = (_, _) => { };

    /// <summary>It takes part in the run no longer: why.</summary>
    public Action<string, string> OnLeft { get; init; } = (_, _) => { };

    /// <summary>A shard of so many rows is evaluated.</summary>
    public Action<long> OnShard { get; init; } = _ => { };

    /// <summary>Called on the evaluating thread between the tiles of a shard. What it throws is a fault of the program; tests use that.</summary>
    public Action<ShardJob> OnTile { get; init; } = _ => { };
}
