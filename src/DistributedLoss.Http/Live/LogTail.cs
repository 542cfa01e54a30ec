using System.Text.Json.Nodes;

namespace DistributedLoss.Http.Live;

/// <summary>
/// The last lines of a run's log. Those about single shards are many, and push out each other alone. A line's text is made when somebody reads it.
/// </summary>
internal sealed class LogTail
{
    internal const int MostLines = 200;

    // A line of a log may quote what a file or a worker says.
    private const int MostCharacters = 1000;

    private readonly Queue<Line> _shards = [];
    private readonly Queue<Line> _others = [];
    private long _last;

    /// <param name="level">As docs/logging.md has it.</param>
    public void Add(DateTimeOffset at, string level, Func<string> text)
    {
        var lines = level is "verbose" or "debug" ? _shards : _others;
        lines.Enqueue(new Line(++_last, at, level, text));
        if (lines.Count > MostLines)
        {
            lines.Dequeue();
        }
    }

    /// <summary>Lines that came after one, and are still there, in order.</summary>
    /// <param name="after">The number of the last line that is known; 0 for none.</param>
    /// <returns>Null where there is none; and the number of the last line.</returns>
    public (JsonArray? Lines, long Last) After(long after)
    {
        if (after == _last)
        {
            return (null, _last);
        }

        var lines = _shards.Concat(_others).Where(l => l.Number > after).OrderBy(l => l.Number);
        return (new JsonArray([.. lines.Select(l => l.ToJson())]), _last);
    }

    private sealed record Line(long Number, DateTimeOffset At, string Level, Func<string> Text)
    {
        private string? _text;

        public JsonObject ToJson() => new()
        {
            ["at"] = At.ToUnixTimeMilliseconds(),
            ["level"] = Level,
            ["text"] = _text ??= Cut(Text()),
        };

        private static string Cut(string text) => text.Length <= MostCharacters ? text : string.Concat(text.AsSpan(0, MostCharacters), " ...");
    }
}
