using DistributedLoss.Coordination;
using Serilog.Events;

namespace DistributedLoss.Cli.Logging;

/// <summary>
/// Which events the log has on stderr. How a run ended badly is told once, by <see cref="RunLog"/>, whatever the level; and a text log shows progress lines
/// where there is no bar, whatever the level: <c>--progress</c> decides on those.
/// </summary>
internal sealed class StderrFilter(LogEventLevel least, bool progressAlways, bool progressNever)
{
    public bool Wants(RunEvent e) => Wants(e.GetType().Name, RunEventLog.Level(e));

    public bool Wants(string? name, LogEventLevel level) => name switch
    {
        nameof(RunEvent.RunFailed) or nameof(RunEvent.RunCancelled) or RunEventLog.MissEvent => false,
        nameof(RunEvent.Progress) when progressAlways => true,
        nameof(RunEvent.Progress) when progressNever => false,
        _ => level >= least,
    };
}
