using DistributedLoss.Coordination;

namespace DistributedLoss.Local;

public sealed record LocalEngineOptions
{
    public int Workers { get; init; } = Environment.ProcessorCount;

    public CoordinatorOptions Coordinator { get; init; } = new();

    /// <summary>Called on the worker's thread between the tiles of a shard: (worker, shard, rows done). What it throws kills the worker; tests use that.</summary>
    public Action<string, int, long>? OnShardProgress { get; init; }
}
