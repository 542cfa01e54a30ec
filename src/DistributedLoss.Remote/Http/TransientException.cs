namespace DistributedLoss.Remote.Http;

/// <summary>An attempt failed in a way that another may not.</summary>
/// <param name="message">What happened, as a part of a line.</param>
internal sealed class TransientException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What the server asks to wait; zero where it asks for nothing.</summary>
    public TimeSpan RetryAfter { get; init; }
}
