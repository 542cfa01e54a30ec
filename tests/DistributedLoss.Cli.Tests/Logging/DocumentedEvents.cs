using System.Text.RegularExpressions;

namespace DistributedLoss.Cli.Tests.Logging;

/// <summary>The table of events in docs/logging.md.</summary>
internal static partial class DocumentedEvents
{
    public static IReadOnlyDictionary<string, DocumentedEvent> Read()
    {
        var events = new Dictionary<string, DocumentedEvent>();
        foreach (string line in File.ReadLines(Repository.File("docs/logging.md")))
        {
            if (Row().Match(line) is { Success: true } row)
            {
                string[] properties = [.. Quoted().Matches(row.Groups["properties"].Value).Select(m => m.Groups[1].Value)];
                events.Add(row.Groups["event"].Value, new DocumentedEvent(row.Groups["level"].Value, properties));
            }
        }

        return events;
    }

    [GeneratedRegex(@"^\| `(?<event>[A-Z]\w+)` \| (?<level>\w+) \| (?<properties>[^|]*) \|")]
    private static partial Regex Row();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Quoted();
}

internal sealed record DocumentedEvent(string Level, IReadOnlyList<string> Properties);
