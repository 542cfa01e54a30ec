using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>
/// The result as one JSON document; docs/results.md explains every field. Numbers are written to round-trip, non-finite ones as the strings
/// "NaN", "Infinity" and "-Infinity".
/// </summary>
public static class ResultJson
{
    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    internal static readonly JsonWriterOptions Pretty = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, EvaluationResult result)
    {
        using (var json = new Utf8JsonWriter(stream, Pretty))
        {
            json.WriteStartObject();
            WriteFigures(json, result);
            ResultOptions.Write(json, result);
            WriteFiles(json, result.Files);
            WriteShards(json, result.Shards);
            WriteTiming(json, result.Timing);
            WriteEnvironment(json, result.Environment);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>The options that can change a number, by their names in the JSON, with their values as text; those that do not apply are left out.</summary>
    public static IReadOnlyList<(string Name, string Value)> Options(EvaluationResult result)
    {
        var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            ResultOptions.Write(json, result);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        return [.. document.RootElement.GetProperty("options").EnumerateObject().Select(o => (o.Name, Value: Text(o.Value))).Where(o => o.Value.Length > 0)];

        static string Text(JsonElement value) => value.ValueKind == JsonValueKind.Array ? string.Join(", ", value.EnumerateArray().Select(Text)) : value.ToString();
    }

    /// <summary>What it says of the data, as one document of its own.</summary>
    internal static void WriteFigures(Stream stream, EvaluationResult result)
    {
        using var json = new Utf8JsonWriter(stream, Pretty);
        json.WriteStartObject();
        WriteFigures(json, result);
        json.WriteEndObject();
    }

    internal static void WriteFiles(Utf8JsonWriter json, IReadOnlyList<InputFile> files) => json.WriteLines("files", files, static (line, file) =>
    {
        line.WriteString("path", file.Path);
        line.WriteNumber("bytes", file.Bytes);
        line.WriteNumber("rows", file.Rows);
        line.WriteNumber("rowGroups", file.RowGroups);
        line.WriteString("footerDigest", file.FooterDigest);
        if (file.Sha256 is { } sha256)
        {
            line.WriteString("sha256", sha256);
        }
    });

    private static void WriteFigures(Utf8JsonWriter json, EvaluationResult result)
    {
        json.WriteString("digest", result.Digest);
        json.WriteInteger("classes", result.Classes);
        json.WriteString("remark", result.Remark);
        json.WriteInteger("sequences", result.Sequences);
        FiguresJson.Write(json, result.Figures);
        WriteSlices(json, result.Slices);
        json.WriteLines("hardest", result.Hardest, WriteHardRow);
    }

    private static void WriteSlices(Utf8JsonWriter json, IReadOnlyList<SliceFigures> slices)
    {
        json.WriteStartArray("slices");
        foreach (var slice in slices)
        {
            json.WriteStartObject();
            WriteSliceKey(json, slice.Key);
            FiguresJson.Write(json, slice.Figures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteSliceKey(Utf8JsonWriter json, IReadOnlyList<(string Column, string? Value)> key)
    {
        json.WriteStartObject("slice");
        foreach (var (column, value) in key)
        {
            json.WriteString(column, value);
        }

        json.WriteEndObject();
    }

    private static void WriteHardRow(Utf8JsonWriter line, HardRow row)
    {
        line.WriteString("file", row.File);
        line.WriteNumber("rowGroup", row.RowGroup);
        line.WriteNumber("row", row.Row);
        if (row.Position is { } position)
        {
            line.WriteNumber("position", position);
        }

        line.WriteNumber("label", row.Label);
        line.WriteNumber("predicted", row.Predicted);
        line.WriteNumber("rank", row.Rank);
        line.WriteDouble("loss", row.Loss);
    }

    private static void WriteShards(Utf8JsonWriter json, ShardFigures shards)
    {
        json.WriteStartObject("shards");
        json.WriteNumber("total", shards.Total);
        json.WriteNumber("retried", shards.Retried);
        json.WriteNumber("speculated", shards.Speculated);
        json.WriteNumber("duplicates", shards.Duplicates);
        if (shards.History is { } history)
        {
            HistoryJson.Write(json, history);
        }

        json.WriteEndObject();
    }

    private static void WriteTiming(Utf8JsonWriter json, TimingFigures timing)
    {
        json.WriteStartObject("timing");
        json.WriteString("started", timing.Started.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        json.WriteDouble("planSeconds", timing.PlanSeconds);
        json.WriteDouble("evaluateSeconds", timing.EvaluateSeconds);
        json.WriteDouble("rowsPerSecond", timing.RowsPerSecond);
        json.WriteDouble("logitsPerSecond", timing.LogitsPerSecond);
        json.WriteNumber("bytesRead", timing.BytesRead);
        json.WriteEndObject();
    }

    internal static void WriteEnvironment(Utf8JsonWriter json, EnvironmentFigures environment)
    {
        json.WriteStartObject("environment");
        json.WriteString("version", environment.Version);
        json.WriteString("engine", environment.Engine);
        json.WriteNumber("workers", environment.Workers);
        json.WriteString("kernel", environment.Kernel);
        json.WriteString("runtime", environment.Runtime);
        json.WriteString("operatingSystem", environment.OperatingSystem);
        json.WriteString("architecture", environment.Architecture);
        json.WriteNumber("processors", environment.Processors);
        json.WriteEndObject();
    }
}
