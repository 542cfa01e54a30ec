namespace DistributedLoss.Wire;

/// <summary>Bytes that are not what a reader of this version expects: cut, damaged, of another version, or of another run. The message is one line.</summary>
public sealed class WireException(string message, Exception? inner = null) : Exception(message, inner);
