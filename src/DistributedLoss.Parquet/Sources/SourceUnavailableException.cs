namespace DistributedLoss.Parquet.Sources;

/// <summary>The place of a file did not answer, or not as it should, after all attempts: later it may. The message is a part of a line: what, and what to do.</summary>
public sealed class SourceUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
