using System.Text.RegularExpressions;

namespace DistributedLoss.Cli.Logging;

/// <summary>What a sink cannot write or a configuration cannot find, told on stderr: the first time only, as a full disk refuses every event.</summary>
internal sealed partial class LogComplaints(StderrLines lines)
{
    private int _heard;

    /// <param name="complaint">As Serilog's own log has it: a time, what failed, the exception with its stack.</param>
    public void Hear(string complaint)
    {
        if (Interlocked.Increment(ref _heard) == 1)
        {
            string first = complaint.Split('\n')[0].Trim();
            lines.Write($"dloss: warning: the log is not complete: {OneLine.Of(Preamble().Replace(first, ""))}");
        }
    }

    // 2026-01-31T12:00:00.1234567Z Caught exception while emitting to sink Serilog.Core.Sinks.RestrictedSink: System.IO.IOException: No space left ...
    [GeneratedRegex(@"^\d{4}-\S+Z (Caught exception .*?Exception: )?")]
    private static partial Regex Preamble();
}
