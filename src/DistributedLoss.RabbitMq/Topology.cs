using RabbitMQ.Client;

namespace DistributedLoss.RabbitMq;

/// <summary>The broker's queues and exchange, by name and with their arguments (docs/engines.md). Coordinators and workers declare alike what both use.</summary>
internal static class Topology
{
    /// <summary>RabbitMQ 4's default limit of a message; 3's is eight times that. Ours are cut far below it.</summary>
    public const int MaxMessageBytes = 16 << 20;

    /// <summary>Longer messages travel as several frames of this size, so that no consumer need have room for a whole one in its prefetch.</summary>
    public const int FrameBytes = 1 << 20;

    /// <summary>Coordinators say here that there is a run.</summary>
    public const string Announcements = "dloss.runs";

    /// <summary>The default exchange: a message goes to the queue of its routing key.</summary>
    public const string Direct = "";

    /// <summary>Notices and commands that nobody has read: the oldest go first.</summary>
    private const int MaxWaiting = 100_000;

    private const string WorkerPrefix = "dloss.worker.";

    public static string Shards(string run) => $"dloss.{run}.shards";

    public static string Results(string run) => $"dloss.{run}.results";

    public static string Dead(string run) => $"dloss.{run}.dead";

    /// <param name="coordinator">The coordinator's name, which is another after each connection.</param>
    public static string Inbox(string coordinator) => $"dloss.coordinator.{coordinator}";

    /// <param name="worker">The name of a slot, <c>process/slot</c>: commands go to its process.</param>
    public static string Commands(string worker) => WorkerPrefix + Process(worker);

    /// <summary>The process of a slot.</summary>
    public static string Process(string worker) => worker.LastIndexOf('/') is > 0 and var slash ? worker[..slash] : worker;

    public static Task DeclareAnnouncementsAsync(IChannel channel, CancellationToken cancel) =>
        channel.ExchangeDeclareAsync(Announcements, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancel);

    /// <summary>Of one connection, and gone with it.</summary>
    public static Task DeclareOwnAsync(IChannel channel, string queue, CancellationToken cancel) => channel.QueueDeclareAsync(
        queue, durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-max-length"] = MaxWaiting }, cancellationToken: cancel);

    /// <param name="unused">How long the queue outlives its last user.</param>
    /// <param name="deadLetters">The queue that takes what was delivered too often.</param>
    public static Task<QueueDeclareOk> DeclareQuorumAsync(
        IChannel channel, string queue, TimeSpan unused, (string Queue, int Deliveries)? deadLetters, CancellationToken cancel)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = (long)unused.TotalMilliseconds };
        if (deadLetters is { } dead)
        {
            arguments["x-delivery-limit"] = dead.Deliveries;
            arguments["x-dead-letter-exchange"] = Direct;
            arguments["x-dead-letter-routing-key"] = dead.Queue;
        }
        else
        {
            // RabbitMQ 4 has a limit of its own, which would drop what a coordinator that restarts often has not come to: as good as none.
            arguments["x-delivery-limit"] = 1_000_000;
        }

        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancel);
    }
}
