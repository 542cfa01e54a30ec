namespace DistributedLoss.Simulation.Scale;

/// <summary>A run of many shards on many workers, some of them slow, some dying.</summary>
/// <param name="Speculates">Whether stragglers' shards are given to idle workers as well.</param>
/// <param name="IsBrokered">Whether a broker hands the shards out.</param>
internal sealed record ScaleCase(int Workers, int Shards, bool Speculates = true, bool IsBrokered = false)
{
    /// <summary>Of the times of shards, which are log-normal.</summary>
    public const double MedianSeconds = 1;
    public const double Sigma = 0.5;

    /// <summary>Workers that take <see cref="SlowFactor"/> times as long.</summary>
    public const double SlowShare = 0.01;
    public const double SlowFactor = 10;

    /// <summary>Mean life of a worker.</summary>
    public const double LifeSeconds = 3600;
    public const double NoticeSeconds = 5;
    public const double ReplaceSeconds = 30;
    public const double ProgressSeconds = 0.5;
    public const double TickSeconds = 0.2;
    public const double LatencySeconds = 0.001;

    /// <summary>Brokered: a worker of one slot has so many shards, one of them under way.</summary>
    public const int Prefetch = 2;
}

/// <summary>What it came to. All but times and bytes of this machine are the same wherever it runs.</summary>
internal sealed record ScaleFigures
{
    public required TimeSpan Run { get; init; }

    /// <summary>From the moment at which the last shard that nobody had before is handed out.</summary>
    public required TimeSpan Tail { get; init; }

    public required long MessagesIn { get; init; }

    public required long MessagesOut { get; init; }

    public required int Speculated { get; init; }

    public required int Retried { get; init; }

    public required int Duplicates { get; init; }

    /// <summary>Of this machine, for a message in, with all that comes of it. Not the mean, as that is of whatever else the machine does.</summary>
    public required double MedianMicroseconds { get; init; }

    /// <summary>99 of 100 messages take less.</summary>
    public required double MostMicroseconds { get; init; }

    /// <summary>Shards as the plan has them.</summary>
    public required long PlanBytes { get; init; }

    /// <summary>Coordinator and ledger, at the end or at the beginning, whichever is more.</summary>
    public required long CoordinatorBytes { get; init; }

    /// <summary>For each message in; given back at once.</summary>
    public required double AllocatedBytes { get; init; }
}
