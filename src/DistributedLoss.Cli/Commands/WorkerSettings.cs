using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;

namespace DistributedLoss.Cli.Commands;

/// <summary>A worker process as the command line asks for it; null is left to the configuration.</summary>
internal sealed record WorkerSettings
{
    public EngineSettings Engine { get; init; } = new();

    public int? Slots { get; init; }

    public TimeSpan? Grace { get; init; }

    public TimeSpan? IdleLimit { get; init; }

    public LogSettings Log { get; init; } = new(LogFormat.Text, null, null);

    /// <summary>Where health and metrics are served; null takes the configuration's.</summary>
    public string? Http { get; init; }
}
