using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Verification;

/// <summary>A verification as one JSON document.</summary>
internal static class VerificationJson
{
    public static void Write(Stream stream, Verdict verdict)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteBoolean("stands", verdict.Stands);
            json.WriteString("digest", verdict.Recorded.Digest);
            json.WriteBoolean("everyByte", verdict.EveryByte);
            json.WriteStartArray("runs");
            foreach (var run in verdict.Runs)
            {
                WriteRun(json, run);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteRun(Utf8JsonWriter json, VerifiedRun run)
    {
        json.WriteStartObject();
        json.WriteString("kernel", run.Run.Kernel.Name);
        json.WriteNumber("workers", run.Run.Workers);
        json.WriteNumber("shards", run.Result.Shards.Total);
        json.WriteNumber("evaluateSeconds", run.Result.Timing.EvaluateSeconds);
        json.WriteString("digest", run.Result.Digest);
        json.WriteStartArray("differences");
        foreach (ResultDifference difference in run.Differences)
        {
            json.WriteStartObject();
            json.WriteString("figure", difference.Place);
            WriteRaw(json, "recorded", difference.First);
            WriteRaw(json, "now", difference.Second);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value ?? "null");
    }
}
