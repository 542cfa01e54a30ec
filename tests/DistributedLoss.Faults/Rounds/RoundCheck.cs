using System.Text.Json;
using DistributedLoss.Faults.Processes;

namespace DistributedLoss.Faults.Rounds;

/// <summary>What must hold of a run, whatever happened to it.</summary>
internal static class RoundCheck
{
    /// <returns>What does not hold; nothing where all does.</returns>
    public static IEnumerable<string> Violations(Outcome outcome, Dump dump, string runDirectory)
    {
        if (outcome.ExitCode != 0)
        {
            return [$"the run failed: {outcome}"];
        }

        return [.. OfResult(outcome.Json, dump), .. OfJournal(runDirectory)];
    }

    /// <summary>
    /// The shards that count, as the journal has them: each with its place in the plan, as equal files have equal ids. A last line without its end is none.
    /// </summary>
    public static IReadOnlyList<(int Shard, string Id)> Journal(string runDirectory) =>
        [.. File.ReadAllText(Path.Combine(runDirectory, "shards.jsonl")).Split('\n')[..^1].Select(l => JsonDocument.Parse(l).RootElement)
            .Select(l => (l.GetProperty("shard").GetInt32(), l.GetProperty("id").GetString()!))];

    private static IEnumerable<string> OfResult(JsonElement result, Dump dump)
    {
        string digest = result.GetProperty("digest").GetString()!;
        if (digest != dump.Digest)
        {
            yield return $"digest {digest}, not {dump.Digest} as of one process";
        }

        long rows = result.GetProperty("rows").GetProperty("total").GetInt64();
        if (rows != dump.Rows)
        {
            yield return $"{rows} rows, not {dump.Rows} as in the footers";
        }
    }

    private static IEnumerable<string> OfJournal(string runDirectory)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(runDirectory, "manifest.json")));
        var planned = manifest.RootElement.GetProperty("shards").EnumerateArray().Select((s, i) => (i, s.GetString()!)).ToHashSet();
        var counted = Journal(runDirectory);
        foreach (var twice in counted.GroupBy(s => s).Where(g => g.Count() > 1))
        {
            yield return $"shard {twice.Key.Shard} is in the journal {twice.Count()} times";
        }

        if (!planned.SetEquals(counted))
        {
            yield return $"the journal has {counted.Distinct().Count()} shards, the manifest {planned.Count}";
        }
    }
}
