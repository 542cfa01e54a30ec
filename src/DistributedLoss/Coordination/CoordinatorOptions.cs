namespace DistributedLoss.Coordination;

public sealed record CoordinatorOptions
{
    /// <summary>True where a broker hands out the shards that the coordinator offers; false where workers ask the coordinator for each.</summary>
    public bool IsBrokered { get; init; }

    /// <summary>How often one shard may fail, in all, before the run does.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>How many workers one shard may outlive (in a brokered run: the broker's delivery limit): more than a flaky cluster takes, less than a shard that kills its workers would.</summary>
    public int MaxLosses { get; init; } = 10;

    /// <summary>How long a failed shard waits for a worker that has not failed it, before any may have it again.</summary>
    public TimeSpan RetryElsewhere { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between progress events.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A shard is a straggler when it has taken this many times the mean of the finished ones ...</summary>
    public double StragglerFactor { get; init; } = 2;

    /// <summary>... and at least this long.</summary>
    public TimeSpan StragglerMinimum { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a straggler has taken while no shard is finished, so that there is no mean.</summary>
    public TimeSpan StragglerUnmeasured { get; init; } = TimeSpan.FromMinutes(1);
}
