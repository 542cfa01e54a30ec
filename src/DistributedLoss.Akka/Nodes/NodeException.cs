namespace DistributedLoss.Akka.Nodes;

/// <summary>A node cannot be: its settings, its port or its certificate. The message is one line: what, where, what to do.</summary>
/// <param name="isUsage">True where the settings are at fault (exit code 2), false where the machine is (exit code 4).</param>
public sealed class NodeException(string message, bool isUsage, Exception? inner = null) : Exception(message, inner)
{
    public bool IsUsage => isUsage;
}
