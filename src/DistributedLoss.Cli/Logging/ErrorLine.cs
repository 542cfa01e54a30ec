using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Logging;

/// <summary>The one line that tells why a command failed.</summary>
internal static class ErrorLine
{
    public static string Text(string message) => $"dloss: error: {OneLine.Of(message)}";

    /// <summary>For errors ahead of a run's log: in the log's format, as the event that a failed run would have left.</summary>
    public static void Write(TextWriter error, LogFormat format, string message, Exception? exception)
    {
        try
        {
            if (format == LogFormat.Text)
            {
                error.WriteLine(Text(message));
                return;
            }

            var failed = new RunEvent.RunFailed(message, 0, 0);
            new JsonLineFormatter().Format(RunEventLog.ToLogEvent(failed, DateTimeOffset.Now, exception), error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Stderr is closed or full: the exit code still tells.
        }
    }
}
