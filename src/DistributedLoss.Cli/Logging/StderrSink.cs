using DistributedLoss.Coordination;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace DistributedLoss.Cli.Logging;

/// <summary>
/// The log's part on stderr. How a run ended badly is told once, by <see cref="RunLog"/>, whatever the level; and a text log shows progress lines
/// where there is no bar, whatever the level: <c>--progress</c> decides on those.
/// </summary>
internal sealed class StderrSink(StderrLines lines, ITextFormatter formatter, LogEventLevel level, bool progressAlways, bool progressNever) : ILogEventSink
{
    public void Emit(LogEvent logEvent)
    {
        if (!Wanted(logEvent))
        {
            return;
        }

        using var line = new StringWriter { NewLine = "" };
        formatter.Format(logEvent, line);
        lines.Write(line.ToString());
    }

    private bool Wanted(LogEvent logEvent) => RunEventLog.Name(logEvent) switch
    {
        nameof(RunEvent.RunFailed) or nameof(RunEvent.RunCancelled) or RunEventLog.MissEvent => false,
        nameof(RunEvent.Progress) when progressAlways => true,
        nameof(RunEvent.Progress) when progressNever => false,
        _ => logEvent.Level >= level,
    };
}
