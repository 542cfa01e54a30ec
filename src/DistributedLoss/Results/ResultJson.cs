using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Results;

/// <summary>
/// The result as one JSON document; docs/results.md explains every field. Numbers are written to round-trip, non-finite ones as the strings
/// "NaN", "Infinity" and "-Infinity".
/// </summary>
public static class ResultJson
{
    // The bytes that may wait in memory: a hundred thousand classes are written as they come.
    private const int FlushAt = 1 << 16;

    private static readonly JsonWriterOptions Pretty = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, EvaluationResult result)
    {
        using (var json = new Utf8JsonWriter(stream, Pretty))
        {
            json.WriteStartObject();
            json.WriteString("digest", result.Digest);
            WriteInteger(json, "classes", result.Classes);
            json.WriteString("remark", result.Remark);
            WriteRows(json, result.Rows);
            WriteLoss(json, result.Loss);
            json.WriteStartObject("accuracy");
            foreach (var figure in result.Accuracy)
            {
                WriteDouble(json, $"top{figure.K}", figure.Value);
            }

            json.WriteEndObject();
            WriteLines(json, "perClass", result.PerClass, WriteClass);
            WriteLines(json, "hardest", result.Hardest, WriteHardRow);
            WriteOptions(json, result);
            WriteLines(json, "files", result.Files, static (line, file) =>
            {
                line.WriteString("path", file.Path);
                line.WriteNumber("bytes", file.Bytes);
                line.WriteNumber("rows", file.Rows);
                line.WriteNumber("rowGroups", file.RowGroups);
                line.WriteString("footerDigest", file.FooterDigest);
            });
            WriteShards(json, result.Shards);
            WriteTiming(json, result.Timing);
            WriteEnvironment(json, result.Environment);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteRows(Utf8JsonWriter json, RowFigures rows)
    {
        json.WriteStartObject("rows");
        json.WriteNumber("total", rows.Total);
        json.WriteNumber("evaluated", rows.Evaluated);
        json.WriteNumber("ignored", rows.Ignored);
        json.WriteStartObject("invalid");
        foreach (var (cause, count) in rows.Invalid)
        {
            json.WriteNumber(cause, count);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLoss(Utf8JsonWriter json, LossFigures loss)
    {
        json.WriteStartObject("loss");
        WriteDouble(json, "mean", loss.Mean);
        WriteDouble(json, "sum", loss.Sum);
        WriteDouble(json, "denominator", loss.Denominator);
        json.WriteString("denominatorUnit", loss.IsWeighted ? "weight" : "rows");
        WriteDouble(json, "standardError", loss.StandardError);
        if (loss.Ci95 is var (low, high))
        {
            json.WriteStartArray("ci95");
            WriteDouble(json, null, low);
            WriteDouble(json, null, high);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("ci95");
        }

        WriteDouble(json, "bits", loss.Bits);
        WriteDouble(json, "perplexity", loss.Perplexity);
        WriteDouble(json, "min", loss.Min);
        WriteDouble(json, "max", loss.Max);
        json.WriteNumber("infinite", loss.Infinite);
        json.WriteNumber("undefined", loss.Undefined);
        json.WriteEndObject();
    }

    private static void WriteClass(Utf8JsonWriter line, ClassFigures figures)
    {
        line.WriteNumber("class", figures.Class);
        line.WriteNumber("count", figures.Count);
        WriteDouble(line, "lossSum", figures.LossSum);
        WriteDouble(line, "lossMean", figures.LossMean);
        line.WriteNumber("correct", figures.Correct);
        line.WriteNumber("predicted", figures.Predicted);
        WriteDouble(line, "recall", figures.Recall);
        WriteDouble(line, "precision", figures.Precision);
        WriteDouble(line, "f1", figures.F1);
    }

    private static void WriteHardRow(Utf8JsonWriter line, HardRow row)
    {
        line.WriteString("file", row.File);
        line.WriteNumber("rowGroup", row.RowGroup);
        line.WriteNumber("row", row.Row);
        line.WriteNumber("label", row.Label);
        line.WriteNumber("predicted", row.Predicted);
        line.WriteNumber("rank", row.Rank);
        WriteDouble(line, "loss", row.Loss);
    }

    private static void WriteOptions(Utf8JsonWriter json, EvaluationResult result)
    {
        var options = result.Options;
        json.WriteStartObject("options");
        json.WriteString("logits", options.LogitsPrefix is null ? options.LogitsColumn : null);
        json.WriteString("logitsPrefix", options.LogitsPrefix);
        json.WriteString("packed", options.Packed switch
        {
            null => null,
            FloatFormat.Float16 => "float16",
            FloatFormat.BFloat16 => "bfloat16",
            FloatFormat.Float32 => "float32",
            FloatFormat.Float64 => "float64",
            var other => throw new ArgumentException($"no name for the packed format {other}", nameof(result)),
        });
        json.WriteString("label", options.LabelColumn);
        WriteLossOptions(json, options);
        json.WriteNumber("ignoreIndex", options.IgnoreIndex);
        WriteInteger(json, "numClasses", options.NumClasses);
        json.WriteStartArray("topK");
        foreach (var figure in result.Accuracy)
        {
            json.WriteNumberValue(figure.K);
        }

        json.WriteEndArray();
        json.WriteString("onInvalid", options.OnInvalid == InvalidRowPolicy.Skip ? "skip" : "fail");
        json.WriteNumber("hardest", options.Hardest);
        json.WriteEndObject();
    }

    private static void WriteLossOptions(Utf8JsonWriter json, EvaluationOptions options)
    {
        var loss = options.Loss;
        json.WriteString("input", LossInputs.Name(loss.Input));
        if (options.ClassWeights is { } weights)
        {
            json.WriteStartArray("classWeights");
            foreach (double weight in weights)
            {
                WriteDouble(json, null, weight);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("classWeights");
        }

        json.WriteString("sampleWeight", options.SampleWeightColumn);
        WriteDouble(json, "labelSmoothing", loss.LabelSmoothing);
        WriteDouble(json, "temperature", loss.Temperature);
        WriteDouble(json, "sumTolerance", loss.Input == LossInput.Logits ? null : loss.SumTolerance);
    }

    private static void WriteShards(Utf8JsonWriter json, ShardFigures shards)
    {
        json.WriteStartObject("shards");
        json.WriteNumber("total", shards.Total);
        json.WriteNumber("retried", shards.Retried);
        json.WriteNumber("speculated", shards.Speculated);
        json.WriteNumber("duplicates", shards.Duplicates);
        json.WriteEndObject();
    }

    private static void WriteTiming(Utf8JsonWriter json, TimingFigures timing)
    {
        json.WriteStartObject("timing");
        json.WriteString("started", timing.Started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        WriteDouble(json, "planSeconds", timing.PlanSeconds);
        WriteDouble(json, "evaluateSeconds", timing.EvaluateSeconds);
        WriteDouble(json, "rowsPerSecond", timing.RowsPerSecond);
        WriteDouble(json, "logitsPerSecond", timing.LogitsPerSecond);
        json.WriteNumber("bytesRead", timing.BytesRead);
        json.WriteEndObject();
    }

    private static void WriteEnvironment(Utf8JsonWriter json, EnvironmentFigures environment)
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

    /// <summary>An array of objects, each on one line: a thousand classes are then a thousand lines, not nine thousand.</summary>
    private static void WriteLines<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var line = new Utf8JsonWriter(buffer, Compact);
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            // A raw value brings its own white space.
            buffer.Write("\n    "u8);
            line.WriteStartObject();
            write(line, item);
            line.WriteEndObject();
            line.Flush();
            json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
            buffer.ResetWrittenCount();
            line.Reset();
            if (json.BytesPending > FlushAt)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteInteger(Utf8JsonWriter json, string name, int? value)
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

    private static void WriteDouble(Utf8JsonWriter json, string? name, double? value)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        if (value is not { } number)
        {
            json.WriteNullValue();
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
