namespace DistributedLoss.Evaluation;

/// <summary>An input file is not there, not readable, or another than when the run was planned. The message is one line: what, where, what to do.</summary>
public sealed class MissingInputException(string message) : Exception(message);
