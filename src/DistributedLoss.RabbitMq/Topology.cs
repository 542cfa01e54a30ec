namespace DistributedLoss.RabbitMq;

internal static class Topology
{
    /// <summary>RabbitMQ 4's default limit of a message; 3's is eight times that. Ours are cut far below it.</summary>
    public const int MaxMessageBytes = 16 << 20;
}
