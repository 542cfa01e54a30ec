namespace DistributedLoss.Coordination.Journal;

/// <summary>A run directory cannot be used: another process has it, or what it holds is damaged. The message is one line: what, where, what to do.</summary>
public sealed class RunDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
