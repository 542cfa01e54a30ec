using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>The single figures of a result by their dotted place in its JSON, as in <c>loss.mean</c> or <c>rows.invalid.nan</c>.</summary>
public sealed class ResultMetrics
{
    private const string InvalidPrefix = "rows.invalid.";

    private readonly JsonElement _root;

    /// <summary>Lists (classes, hardest rows, files, an interval) hold no single figure and are not looked at.</summary>
    public ResultMetrics(EvaluationResult result)
    {
        using var json = new MemoryStream();
        ResultJson.Write(json, result with { Figures = result.Figures with { PerClass = [], Confusion = null }, Slices = [], Hardest = [], Files = [] });
        using var document = JsonDocument.Parse(json.ToArray());
        _root = document.RootElement.Clone();
    }

    /// <summary>The figures that a run with these options has, all without a value.</summary>
    /// <param name="classes">C; null before the data are seen: then for any C.</param>
    public static ResultMetrics Expected(EvaluationOptions options, int? classes = null)
    {
        // Beyond one more than the largest default k nothing but the lists' length changes with C.
        int enough = EvaluationOptions.DefaultTopK.Max() + 1;
        var plan = new RunPlan { Files = [], Shards = [], Classes = Math.Min(classes ?? enough, enough), Options = options, Target = options.Loss.Input.IsBinary() ? TargetKind.Binary : TargetKind.Index };
        return new ResultMetrics(ResultBuilder.Build(plan, plan.NewTotals(), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "", 0));
    }

    /// <param name="value">Null when no row gives the figure a value.</param>
    /// <returns>False when there is no such figure, or when it is no number.</returns>
    public bool TryGet(string metric, out double? value)
    {
        value = null;
        if (Find(_root, metric) is not { } element)
        {
            // Causes without a row are not in the result.
            value = 0;
            return metric.StartsWith(InvalidPrefix, StringComparison.Ordinal)
                && InvalidCauses.All.Any(c => InvalidCauses.Name(c) == metric[InvalidPrefix.Length..]);
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                // A null may stand for a text or a list as well.
                return !IsNoFigure(metric);
            case JsonValueKind.Number:
                value = element.GetDouble();
                return !IsNoFigure(metric);
            case JsonValueKind.String:
                value = element.GetString() switch
                {
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    "NaN" => double.NaN,
                    _ => null,
                };
                return value is not null;
            default:
                return false;
        }
    }

    private static JsonElement? Find(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // A name may have a dot of its own: quantiles.p99.9.
        if (element.TryGetProperty(path, out var found))
        {
            return found;
        }

        int dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 && element.TryGetProperty(path[..dot], out var inner) ? Find(inner, path[(dot + 1)..]) : null;
    }

    private static bool IsNoFigure(string metric) => metric is "remark" or "loss.ci95" or "groups" or "groups.ci95" or "binary" or "calibration" or "quantiles" or "histogram" or "confusion" || metric.StartsWith("options.", StringComparison.Ordinal);
}
