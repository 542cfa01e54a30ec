using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Inspection;

/// <summary>An inspection as one JSON document; sizes in bytes.</summary>
internal static class InspectionJson
{
    public static void Write(Stream stream, DatasetInspection inspection)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", inspection.Rows);
            WriteNumber(json, "classes", inspection.Plan?.Classes);
            WriteNumber(json, "shards", inspection.Plan?.Shards.Count);
            json.WriteNumber("workers", inspection.Workers);
            WriteNumber(json, "peakBytes", inspection.PeakBytes);
            if (inspection.Values is { } values)
            {
                json.WriteStartObject("values");
                json.WriteNumber("rowsLookedAt", values.Rows);
                json.WriteString("looksLike", values.Kind is { } kind ? LossInputs.Name(kind) : null);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("values");
            }

            json.WriteString("problem", inspection.Problem);
            json.WriteStartArray("advice");
            foreach (string advice in inspection.Problem is null ? [] : InspectionAdvice.Of(inspection.Files[0]))
            {
                json.WriteStringValue(advice);
            }

            json.WriteEndArray();
            json.WriteStartArray("files");
            foreach (var file in inspection.Files)
            {
                WriteFile(json, file);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteFile(Utf8JsonWriter json, FileInspection file)
    {
        json.WriteStartObject();
        json.WriteString("path", file.Path);
        json.WriteNumber("bytes", file.Bytes);
        json.WriteNumber("rows", file.Rows);
        json.WriteNumber("rowGroups", file.RowGroups);
        json.WriteString("createdBy", file.CreatedBy);
        json.WriteStartArray("columns");
        foreach (var column in file.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.First);
            json.WriteString("last", column.Last);
            json.WriteNumber("columns", column.Columns);
            json.WriteString("type", column.Type);
            json.WriteBoolean("nullable", column.Nullable);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (file.Logits is { } logits)
        {
            json.WriteStartObject("logits");
            json.WriteString("column", logits.Column);
            json.WriteNumber("columns", logits.Columns);
            json.WriteString("type", logits.Type);
            WriteStrings(json, "codecs", logits.Codecs);
            WriteStrings(json, "encodings", logits.Encodings);
            json.WriteNumber("pageVersion", logits.Pages.Version);
            json.WriteNumber("maxPageBytes", logits.Pages.MaxBytes);
            json.WriteNumber("maxPageStoredBytes", logits.Pages.MaxStoredBytes);
            json.WriteNumber("storedBytes", logits.StoredBytes);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("logits");
        }

        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
