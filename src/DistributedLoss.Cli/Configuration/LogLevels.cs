using Serilog.Events;

namespace DistributedLoss.Cli.Configuration;

/// <summary>The words for log levels, in options, configuration and JSON lines alike.</summary>
internal static class LogLevels
{
    /// <summary>In the order of the levels.</summary>
    public static string[] All { get; } = ["verbose", "debug", "information", "warning", "error", "fatal"];

    public static string Words => string.Join(", ", All);

    public static LogEventLevel? Parse(string text)
    {
        int level = Array.FindIndex(All, word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
        return level < 0 ? null : (LogEventLevel)level;
    }

    public static string Word(LogEventLevel level) => All[(int)level];
}
