using DistributedLoss.Cli.Configuration;
using Serilog.Events;

namespace DistributedLoss.Cli.Logging;

/// <summary>What the command line says about the log.</summary>
/// <param name="File">Takes the log instead of stderr; null for stderr.</param>
/// <param name="Level">Over every default and the configuration; null when the command line names none.</param>
internal sealed record LogSettings(LogFormat Format, string? File, LogEventLevel? Level)
{
    /// <summary>A process that stays, and has no result to tell how it went.</summary>
    public bool IsService { get; init; }

    public bool JsonOnStderr => Format == LogFormat.Json && File is null;

    /// <summary>The command line, else DLOSS_LOG_LEVEL, else the configuration for this kind of log.</summary>
    public LogEventLevel Threshold(DlossConfiguration configuration) => Level ?? configuration.LevelOverride ?? (Format, File) switch
    {
        (LogFormat.Json, _) => configuration.Level("json", LogEventLevel.Debug),
        (_, null) when IsService => configuration.Level("service", LogEventLevel.Information),
        (_, null) => configuration.Level("text", LogEventLevel.Warning),
        _ => configuration.Level("textFile", LogEventLevel.Information),
    };
}
