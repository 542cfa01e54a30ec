namespace DistributedLoss.Faults.Rounds;

/// <summary>One fault of a round.</summary>
/// <param name="At">The share of the shards that is done when it happens.</param>
/// <param name="Worker">Whom it hits, where it hits one.</param>
/// <param name="IsGraceful">Of the broker: whether it is stopped rather than killed.</param>
internal sealed record Fault(FaultKinds Kind, double At, int Worker = 0, bool IsGraceful = false);

/// <summary>What happens in a round, and when: a function of the seed.</summary>
/// <param name="Faults">In the order in which they happen. Workers that are killed by the clock are not among them.</param>
/// <param name="Victims">Seed of the sequence in which workers are killed.</param>
internal sealed record FaultSchedule(int Seed, FaultKinds Kinds, IReadOnlyList<Fault> Faults, int Victims)
{
    public static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(2);

    /// <summary>Workers that are killed in all.</summary>
    public int Kills { get; init; } = int.MaxValue;

    /// <summary>The worker at the other end of the link, where there is one.</summary>
    public const int LinkedWorker = Cluster.Workers - 1;

    // Late enough that all workers are at work, and early enough that they meet the consequences.
    private const double Earliest = 0.1;
    private const double Latest = 0.4;

    public static FaultSchedule Of(int seed, FaultKinds kinds)
    {
        // Every draw is made in every round: the kinds alone change nothing else.
        var random = new Random(seed);
        int victims = random.Next();
        Fault[] all =
        [
            new(FaultKinds.Coordinator, 1 / 3.0),
            new(FaultKinds.Coordinator, 2 / 3.0),
            new(FaultKinds.Broker, Draw(), IsGraceful: random.Next(2) == 0),
            new(FaultKinds.Pause, Draw(), random.Next(LinkedWorker)),
            new(FaultKinds.Link, Draw(), LinkedWorker),
        ];
        return new FaultSchedule(seed, kinds, [.. all.Where(f => kinds.HasFlag(f.Kind)).OrderBy(f => f.At)], victims);

        double Draw() => Earliest + ((Latest - Earliest) * random.NextDouble());
    }
}
