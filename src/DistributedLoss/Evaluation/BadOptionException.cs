namespace DistributedLoss.Evaluation;

/// <summary>An option has a value that it cannot have, or one that contradicts another or the number of classes. The message is one line: what, and what to do.</summary>
public sealed class BadOptionException(string message) : Exception(message);
