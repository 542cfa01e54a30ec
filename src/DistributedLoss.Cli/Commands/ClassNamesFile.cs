using System.Text.Json;

namespace DistributedLoss.Cli.Commands;

/// <summary>The file of <c>--classes</c>: a JSON array of texts, or one name a line.</summary>
internal static class ClassNamesFile
{
    /// <exception cref="CliException">The file cannot be read, is empty, or has a name twice.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"--classes: {e.Message}");
        }

        string[] names = text.AsSpan().TrimStart().StartsWith("[") ? Parse(path, text) : Lines(text);
        if (names.Length == 0)
        {
            throw CliException.Usage($"--classes {path}: no names; give one a line, or a JSON array of texts");
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int c = 0; c < names.Length; c++)
        {
            if (!seen.TryAdd(names[c], c))
            {
                throw CliException.Usage($"--classes {path}: classes {seen[names[c]]} and {c} have the same name \"{names[c]}\"; give each its own");
            }
        }

        return names;
    }

    private static string[] Parse(string path, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(text) is { } names && !names.Contains(null) ? names
                : throw CliException.Usage($"--classes {path}: a name is null; give a JSON array of texts, or one name a line");
        }
        catch (JsonException e)
        {
            throw CliException.Usage($"--classes {path}: {e.Message} Give a JSON array of texts, or one name a line");
        }
    }

    // The last line's end begins no further name; an empty line between is a name that is empty.
    private static string[] Lines(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
