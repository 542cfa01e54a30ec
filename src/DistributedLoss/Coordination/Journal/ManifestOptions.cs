using System.Buffers;
using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Coordination.Journal;

/// <summary>The options that can change a number, by their names on the command line.</summary>
internal static class ManifestOptions
{
    /// <summary>
    /// As the members of an object. --max-slices is not among them: a run that failed for it may go on with a higher one, and no number depends on it.
    /// </summary>
    /// <remarks>Not by JsonSerializer, nor by a lambda an option: compiling those takes longer than this takes to run a million times.</remarks>
    public static void Write(EvaluationOptions options, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("--logits", options.LogitsColumn);
        json.WriteString("--logits-prefix", options.LogitsPrefix);
        json.WriteString("--packed", options.Packed?.ToString());
        json.WriteString("--label", options.LabelColumn);
        WriteTexts(json, "--classes", options.ClassNames);
        json.WriteNumber("--ignore-index", options.IgnoreIndex);
        json.WriteString("--input", LossInputs.Name(options.Loss.Input));
        json.WriteNumber("--temperature", options.Loss.Temperature);
        json.WriteNumber("--label-smoothing", options.Loss.LabelSmoothing);
        json.WriteNumber("--sum-tolerance", options.Loss.SumTolerance);
        WriteNumbers(json, "--class-weights", options.ClassWeights);
        WriteNumbers(json, "--pos-weight", options.PositiveWeights);
        json.WriteString("--sample-weight", options.SampleWeightColumn);
        if (options.NumClasses is { } classes)
        {
            json.WriteNumber("--num-classes", classes);
        }
        else
        {
            json.WriteNull("--num-classes");
        }

        WriteNumbers(json, "--top-k", options.TopK is { } topK ? [.. topK.Select(k => (double)k)] : null);
        json.WriteString("--on-invalid", options.OnInvalid.ToString());
        json.WriteNumber("--hardest", options.Hardest);
        WriteTexts(json, "--statistics", StatisticNames.Of(options.Statistics));
        json.WriteStartArray("--slice-by");
        foreach (var columns in options.SliceBy)
        {
            WriteTexts(json, null, columns);
        }

        json.WriteEndArray();
        json.WriteString("--group-by", options.GroupByColumn);
        json.WriteString("--bytes", options.BytesColumn);
        json.WriteEndObject();
    }

    /// <summary>Each as JSON.</summary>
    public static IReadOnlyList<(string Name, string Json)> Of(EvaluationOptions options)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            Write(options, json);
        }

        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return Of(document.RootElement);
    }

    /// <param name="options">An object.</param>
    public static IReadOnlyList<(string Name, string Json)> Of(JsonElement options)
    {
        var all = new List<(string Name, string Json)>();
        foreach (var option in options.EnumerateObject())
        {
            all.Add((option.Name, option.Value.GetRawText()));
        }

        return all;
    }

    private static void WriteTexts(Utf8JsonWriter json, string? name, IReadOnlyList<string>? values)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        if (values is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<double>? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (double value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
