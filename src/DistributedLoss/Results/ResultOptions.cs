using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Results;

/// <summary>The options that a result was made with, as its JSON has them.</summary>
internal static class ResultOptions
{
    private static readonly (string Name, FloatFormat Value)[] Packings =
        [("float16", FloatFormat.Float16), ("bfloat16", FloatFormat.BFloat16), ("float32", FloatFormat.Float32), ("float64", FloatFormat.Float64)];

    private static readonly (string Name, InvalidRowPolicy Value)[] Policies = [("fail", InvalidRowPolicy.Fail), ("skip", InvalidRowPolicy.Skip)];

    public static void Write(Utf8JsonWriter json, EvaluationResult result)
    {
        var options = result.Options;
        json.WriteStartObject("options");
        WriteRows(json, options);
        json.WriteStartArray("topK");
        foreach (var figure in result.Accuracy)
        {
            json.WriteNumberValue(figure.K);
        }

        json.WriteEndArray();
        WriteTexts(json, "statistics", StatisticNames.Of(options.Statistics));
        WriteTexts(json, "sliceBy", [.. options.SliceBy.Select(columns => string.Join(',', columns))]);
        json.WriteString("groupBy", options.GroupByColumn);
        json.WriteString("bytes", options.BytesColumn);
        json.WriteString("onInvalid", Name(options.OnInvalid));
        json.WriteNumber("hardest", options.Hardest);
        json.WriteEndObject();
    }

    /// <param name="figures">That were made with them: they have the names of the classes and the k of the accuracies.</param>
    /// <param name="slices">That there were: no fewer may be allowed.</param>
    /// <exception cref="FormatException">A member is missing, or of no use.</exception>
    public static EvaluationOptions Read(JsonElement json, EvaluationFigures figures, int slices)
    {
        var defaults = new EvaluationOptions();
        var input = json.Choice("input", LossInputs.All.Select(i => (LossInputs.Name(i), i)));
        string[] names = [.. figures.PerClass.Select(c => c.Name).OfType<string>()];
        return new EvaluationOptions
        {
            LogitsColumn = json.Text("logits") ?? defaults.LogitsColumn,
            LogitsPrefix = json.Text("logitsPrefix"),
            Packed = json.Optional("packed") is null ? null : json.Choice("packed", Packings),
            LabelColumn = json.RequiredText("label"),
            ClassNames = names.Length > 0 ? names : null,
            IgnoreIndex = json.Count("ignoreIndex"),
            Loss = new LossFunction
            {
                Input = input,
                Temperature = json.RequiredNumber("temperature"),
                LabelSmoothing = json.RequiredNumber("labelSmoothing"),
                SumTolerance = json.Number("sumTolerance") ?? LossFunction.DefaultSumTolerance,
            },
            ClassWeights = ReadWeights(json, "classWeights"),
            PositiveWeights = ReadWeights(json, "posWeight"),
            SampleWeightColumn = json.Text("sampleWeight"),
            NumClasses = json.Optional("numClasses")?.GetInt32(),
            TopK = figures.Accuracy.Count > 0 ? [.. figures.Accuracy.Select(a => a.K)] : null,
            OnInvalid = json.Choice("onInvalid", Policies),
            Hardest = json.Integer("hardest"),
            Statistics = json.Texts("statistics").Aggregate(StatisticKinds.None, (kinds, name) => kinds | Statistic(name)),
            SliceBy = [.. json.Texts("sliceBy").Select(columns => columns.Split(','))],
            MaxSlices = Math.Max(EvaluationOptions.DefaultMaxSlices, slices),
            GroupByColumn = json.Text("groupBy"),
            BytesColumn = json.Text("bytes"),
        };
    }

    /// <summary>What says where rows are, and what their loss is.</summary>
    public static void WriteRows(Utf8JsonWriter json, EvaluationOptions options)
    {
        json.WriteString("logits", options.LogitsPrefix is null ? options.LogitsColumn : null);
        json.WriteString("logitsPrefix", options.LogitsPrefix);
        json.WriteString("packed", options.Packed is { } packed ? Name(packed, Packings) : null);
        json.WriteString("label", options.LabelColumn);
        WriteLoss(json, options);
        json.WriteNumber("ignoreIndex", options.IgnoreIndex);
        json.WriteInteger("numClasses", options.NumClasses);
    }

    /// <summary>The name of a policy, on the command line and in results.</summary>
    public static string Name(InvalidRowPolicy policy) => Name(policy, Policies);

    private static void WriteLoss(Utf8JsonWriter json, EvaluationOptions options)
    {
        var loss = options.Loss;
        json.WriteString("input", LossInputs.Name(loss.Input));
        WriteWeights(json, "classWeights", options.ClassWeights);
        WriteWeights(json, "posWeight", options.PositiveWeights);
        json.WriteString("sampleWeight", options.SampleWeightColumn);
        json.WriteDouble("labelSmoothing", loss.LabelSmoothing);
        json.WriteDouble("temperature", loss.Temperature);
        json.WriteDouble("sumTolerance", loss.Input == LossInput.Logits ? null : loss.SumTolerance);
    }

    private static void WriteWeights(Utf8JsonWriter json, string name, IReadOnlyList<double>? weights)
    {
        if (weights is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (double weight in weights)
        {
            json.WriteDouble(null, weight);
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static IReadOnlyList<double>? ReadWeights(JsonElement json, string name) =>
        json.OptionalList(name, v => v.AsNumber() ?? throw new FormatException($"{name} has a null"));

    private static StatisticKinds Statistic(string name) => StatisticNames.Kind(name) is not StatisticKinds.None and var kind
        ? kind
        : throw new FormatException($"statistics has \"{name}\", which this program does not know");

    private static string Name<T>(T value, (string Name, T Value)[] names) => names.Single(n => EqualityComparer<T>.Default.Equals(n.Value, value)).Name;
}
