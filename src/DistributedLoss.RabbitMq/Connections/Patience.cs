namespace DistributedLoss.RabbitMq.Connections;

/// <summary>How long a broker that is away is tried for; null for ever.</summary>
/// <param name="First">Before the first connection.</param>
/// <param name="Later">After one was lost.</param>
public sealed record Patience(TimeSpan? First, TimeSpan? Later)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>For who waits for an answer: a mistyped address is told at once, a broker that restarts is waited for.</summary>
    public static Patience OfCoordinator { get; } = new(TimeSpan.Zero, TimeSpan.FromMinutes(2));

    public static Patience OfWorker { get; } = new(null, null);

    /// <summary>The pause before the next attempt: doubled each time, and not the same for all who lost the broker together.</summary>
    /// <param name="attempts">That failed.</param>
    internal static TimeSpan Pause(int attempts, Random random) =>
        TimeSpan.FromTicks((long)(Math.Min(Shortest.Ticks * Math.Pow(2, attempts - 1), Longest.Ticks) * (0.8 + (0.4 * random.NextDouble()))));
}
