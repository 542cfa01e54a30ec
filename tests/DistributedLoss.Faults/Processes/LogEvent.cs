using System.Text.Json;

namespace DistributedLoss.Faults.Processes;

/// <summary>One line of a JSON log.</summary>
internal readonly record struct LogEvent(string Name, JsonElement Properties)
{
    /// <summary>Null where the line is none, for instance one that was cut when its process was killed.</summary>
    public static LogEvent? Parse(string line)
    {
        try
        {
            return line.StartsWith('{') && JsonDocument.Parse(line).RootElement is var root && root.TryGetProperty("event", out var name)
                ? new LogEvent(name.GetString()!, root)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a line is an event of this name.</summary>
    public static Predicate<string> Is(string name) => line => Parse(line)?.Name == name;

    public int Integer(string property) => Properties.GetProperty(property).GetInt32();

    public string Text(string property) => Properties.GetProperty(property).GetString()!;
}
