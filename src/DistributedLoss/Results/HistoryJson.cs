using System.Text.Json;

namespace DistributedLoss.Results;

/// <summary>The member <c>shards.history</c> of a result.</summary>
internal static class HistoryJson
{
    public static void Write(Utf8JsonWriter json, RunHistory history)
    {
        json.WriteStartObject("history");
        json.WriteDouble("binSeconds", history.BinSeconds);
        json.WriteNumber("resumedShards", history.ResumedShards);
        json.WriteLines("spans", history.Spans, static (line, span) =>
        {
            line.WriteString("worker", span.Worker);
            line.WriteDouble("start", span.Start);
            line.WriteDouble("seconds", span.Seconds);
            line.WriteNumber("shards", span.Shards);
            line.WriteNumber("rows", span.Rows);
            line.WriteNumber("repeated", span.Repeated);
        });
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">A member is missing, or of no use.</exception>
    public static RunHistory Read(JsonElement json) => new(
        json.Number("binSeconds"),
        json.Integer("resumedShards"),
        json.List("spans", span => new RunSpan(
            span.RequiredText("worker"),
            span.RequiredNumber("start"),
            span.RequiredNumber("seconds"),
            span.Integer("shards"),
            span.Count("rows"),
            span.Integer("repeated"))));
}
