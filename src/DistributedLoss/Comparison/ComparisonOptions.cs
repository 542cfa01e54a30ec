using DistributedLoss.Evaluation;

namespace DistributedLoss.Comparison;

/// <summary>How two runs over the same rows are compared.</summary>
public sealed record ComparisonOptions
{
    /// <summary>A column of both whose value pairs rows; null pairs them by their place.</summary>
    public string? Key { get; init; }

    /// <summary>Sets of columns of the first run's files: each row is in one slice of every set.</summary>
    public IReadOnlyList<IReadOnlyList<string>> SliceBy { get; init; } = [];

    /// <summary>Slices that there may be, of all sets together.</summary>
    public int MaxSlices { get; init; } = EvaluationOptions.DefaultMaxSlices;

    /// <summary>How many rows are listed whose loss rose most, and how many whose loss fell most.</summary>
    public int Moved { get; init; } = 10;

    /// <summary>What happens where a row has a loss in one run only: the comparison fails, or counts it and goes on.</summary>
    public InvalidRowPolicy OnInvalid { get; init; }

    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Stored bytes that a worker gets at a time; no number depends on it.</summary>
    public long ShardBytes { get; init; } = Runs.PlanOptions.DefaultShardBytes;
}
