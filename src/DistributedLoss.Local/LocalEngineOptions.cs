using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Losses;

namespace DistributedLoss.Local;

public sealed record LocalEngineOptions
{
    public int Workers { get; init; } = Environment.ProcessorCount;

    public CoordinatorOptions Coordinator { get; init; } = new();

    /// <summary>Takes every row's loss; complete, but not committed, when the run is.</summary>
    public LossFile? Losses { get; init; }

    /// <summary>Keeps each result before it counts, and gives back those of a run that is continued. Losses of rows are not in it.</summary>
    public RunDirectory? RunDirectory { get; init; }

    /// <summary>Called on the worker's thread between the tiles of a shard: (worker, shard, rows done). What it throws kills the worker; tests use that.</summary>
    public Action<string, int, long>? OnShardProgress { get; init; }
}
