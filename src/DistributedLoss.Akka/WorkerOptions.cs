using DistributedLoss.Coordination;

namespace DistributedLoss.Akka;

/// <summary>One slot's name, how often it asks, and who hears of it.</summary>
internal sealed record WorkerOptions(string Name)
{
    /// <summary>How often a worker without a run asks for one.</summary>
    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a worker that waits for a shard says so again.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a shard under way may go on when the worker is asked to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Must not throw.</summary>
    public Action<RunEvent> OnEvent { get; init; } = _ => { };

    /// <summary>Told when it has a shard, and when it has none.</summary>
    public IdleClock Clock { get; init; } = new();

    /// <summary>Called on the evaluating thread between the tiles of a shard. What it throws is a fault of the program; tests use that.</summary>
    public Action<ShardJob> OnTile { get; init; } = _ => { };
}
