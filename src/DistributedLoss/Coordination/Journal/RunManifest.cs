using System.Globalization;
using System.Text.Json;
using DistributedLoss.Runs;

namespace DistributedLoss.Coordination.Journal;

/// <summary>What a run is about, as manifest.json has it: whatever must be the same when the run is continued.</summary>
/// <param name="RunId">Not compared: it is the run's own.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Options">Names, and values as JSON.</param>
/// <param name="Shards">Their ids, in plan order.</param>
internal sealed record RunManifest(
    string RunId, string Version, IReadOnlyList<ManifestInput> Inputs, IReadOnlyList<(string Name, string Json)> Options, IReadOnlyList<string> Shards)
{
    /// <summary>The form of manifest and journal.</summary>
    public const int Format = 2;

    public static RunManifest Of(RunPlan plan) => new(
        Guid.NewGuid().ToString("N"),
        ProgramVersion.Current,
        [.. plan.Files.Select(f => new ManifestInput(InputFiles.FullPath(f.Path), f.Bytes, f.Modified, f.FooterDigest, f.Version))],
        ManifestOptions.Of(plan.Options),
        [.. plan.Shards.Select(s => s.Id)]);

    public void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("format", Format);
        json.WriteString("run", RunId);
        json.WriteString("version", Version);
        json.WriteStartArray("inputs");
        foreach (var input in Inputs)
        {
            json.WriteStartObject();
            json.WriteString("path", input.Path);
            json.WriteNumber("bytes", input.Bytes);
            json.WriteString("modified", input.Modified.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("footerDigest", input.FooterDigest);
            if (input.Version is { } version)
            {
                json.WriteString("version", version);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("options");
        foreach (var (name, value) in Options)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }

        json.WriteEndObject();
        json.WriteStartArray("shards");
        foreach (string id in Shards)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <exception cref="RunDirectoryException">The bytes are no manifest of this format.</exception>
    public static RunManifest Read(ReadOnlyMemory<byte> bytes, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format != Format)
            {
                throw new RunDirectoryException($"{path}: format {format} where this program reads format {Format}; continue with the dloss that began the run");
            }

            return new RunManifest(
                ReadRunId(root),
                Text(root, "version"),
                [.. root.GetProperty("inputs").EnumerateArray().Select(ReadInput)],
                ManifestOptions.Of(root.GetProperty("options")),
                [.. root.GetProperty("shards").EnumerateArray().Select(s => s.GetString() ?? throw new FormatException("a shard has no id"))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RunDirectoryException($"{path}: this is no manifest of a run ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); name another --run-dir", e);
        }
    }

    // It names queues: nothing but digits may come from a file.
    private static string ReadRunId(JsonElement root) =>
        Guid.TryParseExact(Text(root, "run"), "N", out var id) ? id.ToString("N") : throw new FormatException("run is no id of 32 hex digits");

    private static ManifestInput ReadInput(JsonElement input) => new(
        Text(input, "path"),
        input.GetProperty("bytes").GetInt64(),
        DateTimeOffset.ParseExact(Text(input, "modified"), "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        Text(input, "footerDigest"),
        input.TryGetProperty("version", out var version) ? version.GetString() : null);

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
}

/// <summary>A file as it was when the run began; the path in full.</summary>
/// <param name="Version">Of one behind a URL.</param>
internal sealed record ManifestInput(string Path, long Bytes, DateTimeOffset Modified, string FooterDigest, string? Version = null);
