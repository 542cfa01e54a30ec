using DistributedLoss.Coordination;

namespace DistributedLoss.Akka.Nodes;

/// <summary>A node cannot be: its port is taken, or nobody lets it into a cluster. The message is one line: what, where, what to do.</summary>
public sealed class NodeException(string message, Exception? inner = null) : EngineException(message, inner);
