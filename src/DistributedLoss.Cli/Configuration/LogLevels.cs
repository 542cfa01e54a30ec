using Serilog.Events;

namespace DistributedLoss.Cli.Configuration;

/// <summary>The words for log levels, in options, configuration and JSON lines alike.</summary>
internal static class LogLevels
{
    public static IReadOnlyList<(string Word, LogEventLevel Value)> All { get; } =
    [
        ("verbose", LogEventLevel.Verbose),
        ("debug", LogEventLevel.Debug),
        ("information", LogEventLevel.Information),
        ("warning", LogEventLevel.Warning),
        ("error", LogEventLevel.Error),
        ("fatal", LogEventLevel.Fatal),
    ];

    public static string Words { get; } = string.Join(", ", All.Select(l => l.Word));

    public static LogEventLevel? Parse(string text)
    {
        foreach (var (word, value) in All)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    public static string Word(LogEventLevel level) => All[(int)level].Word;
}
