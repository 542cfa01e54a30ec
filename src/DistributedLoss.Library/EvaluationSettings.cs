using DistributedLoss.Coordination;
using DistributedLoss.Runs;

namespace DistributedLoss;

/// <summary>How an evaluation runs. Nothing in here can change a number of the result.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Threads that evaluate, at least 1.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Stored bytes that a thread gets at a time, at least 1; rounded up to whole pages.</summary>
    public long ShardBytes { get; init; } = PlanOptions.DefaultShardBytes;

    /// <summary>A directory that keeps finished work, so that a run that ends early can be continued; null for none. It is made where there is none.</summary>
    public string? RunDirectory { get; init; }

    /// <summary>Whether to continue the run that <see cref="RunDirectory"/> holds; where it holds none, one is begun.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Told what happens, as docs/logging.md has it: shards that are tried again, rows that are skipped, values that do not look like what is declared. Called by one thread
    /// at a time; what it throws ends the run.
    /// </summary>
    public Action<RunEvent>? OnEvent { get; init; }
}
