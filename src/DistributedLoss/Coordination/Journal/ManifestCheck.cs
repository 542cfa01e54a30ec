using DistributedLoss.Evaluation;

namespace DistributedLoss.Coordination.Journal;

/// <summary>Whether a run that is asked for is the one that a directory holds.</summary>
internal static class ManifestCheck
{
    // Longer values, such as a weight for each of many classes, are not quoted.
    private const int Quotable = 80;

    /// <param name="directory">For messages.</param>
    /// <exception cref="BadOptionException">Another option, or another version of the program.</exception>
    /// <exception cref="BadInputException">An input is another than it was.</exception>
    public static void Check(RunManifest begun, RunManifest asked, string directory)
    {
        if (begun.Version != asked.Version)
        {
            throw new BadOptionException($"--run-dir {directory}: the run was begun by dloss {begun.Version}, and this is {asked.Version}; continue with that one, or name another --run-dir");
        }

        CheckOptions(begun.Options, asked.Options, directory);
        CheckInputs(begun.Inputs, asked.Inputs, directory);
        if (!begun.Shards.SequenceEqual(asked.Shards))
        {
            throw new BadOptionException($"--run-dir {directory}: the run was cut into {begun.Shards.Count} shards, this one into {asked.Shards.Count} others; give the --shard-bytes that it was begun with, or name another --run-dir");
        }
    }

    private static void CheckOptions(IReadOnlyList<(string Name, string Json)> begun, IReadOnlyList<(string Name, string Json)> asked, string directory)
    {
        var before = begun.ToDictionary(o => o.Name, o => o.Json);
        foreach (var (name, json) in asked)
        {
            before.Remove(name, out string? was);
            if (was != json)
            {
                string values = (was?.Length ?? 0) + json.Length <= Quotable ? $"{name} {was ?? "null"}, not {json}" : $"another {name}";
                throw new BadOptionException($"--run-dir {directory}: the run was begun with {values}; continue with the options that it was begun with, or name another --run-dir");
            }
        }

        if (before.Count > 0)
        {
            throw new BadOptionException($"--run-dir {directory}: the run was begun with {before.Keys.First()}, which this dloss does not know; continue with the one that began it");
        }
    }

    private static void CheckInputs(IReadOnlyList<ManifestInput> begun, IReadOnlyList<ManifestInput> asked, string directory)
    {
        var before = begun.ToDictionary(i => i.Path);
        foreach (var now in asked)
        {
            if (!before.Remove(now.Path, out var was))
            {
                throw Changed(now.Path, "is not among the inputs that the run was begun with");
            }

            if (Difference(was, now) is { } difference)
            {
                throw Changed(now.Path, $"changed since the run was begun: {difference}");
            }
        }

        if (before.Count > 0)
        {
            throw Changed(before.Keys.First(), "is an input that the run was begun with, and is not named now");
        }

        BadInputException Changed(string path, string how) =>
            new($"{path}: {how} (--run-dir {directory}); bring back the inputs as they were, or name another --run-dir");
    }

    private static string? Difference(ManifestInput was, ManifestInput now) =>
        was.Bytes != now.Bytes ? $"{was.Bytes} bytes then, {now.Bytes} now"
        : was.FooterDigest != now.FooterDigest ? "its footer is another"
        : was.Modified != now.Modified ? $"written {was.Modified:O} then, {now.Modified:O} now"
        : was.Version != now.Version ? "the server says that it is another"
        : null;
}
