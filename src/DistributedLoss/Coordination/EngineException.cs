namespace DistributedLoss.Coordination;

/// <summary>The machinery of an engine cannot be used: its broker or cluster is away, or refuses us. The message is one line: what, where, what to do.</summary>
public class EngineException(string message, Exception? inner = null) : Exception(message, inner);
