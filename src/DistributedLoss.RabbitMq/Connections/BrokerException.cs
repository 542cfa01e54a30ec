using DistributedLoss.Coordination;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>The broker cannot be used. The message is one line: what, where, what to do; no password is in it.</summary>
/// <param name="isLasting">True when to try again cannot help: it refuses us, or we it. False when it is away, and may come back.</param>
public sealed class BrokerException(string message, bool isLasting, Exception? inner = null) : EngineException(message, inner)
{
    public bool IsLasting { get; } = isLasting;
}
