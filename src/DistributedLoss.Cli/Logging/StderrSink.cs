using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace DistributedLoss.Cli.Logging;

/// <summary>The log's part on stderr.</summary>
internal sealed class StderrSink(StderrLines lines, ITextFormatter formatter, StderrFilter filter) : ILogEventSink
{
    public void Emit(LogEvent logEvent)
    {
        if (!filter.Wants(RunEventLog.Name(logEvent), logEvent.Level))
        {
            return;
        }

        using var line = new StringWriter { NewLine = "" };
        formatter.Format(logEvent, line);
        lines.Write(line.ToString());
    }
}
