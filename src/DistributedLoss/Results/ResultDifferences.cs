using System.Text.Json;

namespace DistributedLoss.Results;

/// <summary>A place in a result's JSON, as <c>loss.mean</c> or <c>perClass[3].count</c>, at which two results differ; null for what one of them lacks.</summary>
public sealed record ResultDifference(string Place, string? First, string? Second);

/// <summary>Where two results say different things of their data: figures, slices, hardest rows and digest, to the last digit.</summary>
public static class ResultDifferences
{
    /// <param name="limit">No more are looked for.</param>
    public static IReadOnlyList<ResultDifference> Find(EvaluationResult first, EvaluationResult second, int limit)
    {
        using var a = Figures(first);
        using var b = Figures(second);
        var differences = new List<ResultDifference>();
        Compare("", a.RootElement, b.RootElement, differences, limit);
        return differences;
    }

    // How it ran is neither's business, nor are the files: those have their own check.
    private static JsonDocument Figures(EvaluationResult result)
    {
        var stream = new MemoryStream();
        ResultJson.WriteFigures(stream, result);
        stream.Position = 0;
        return JsonDocument.Parse(stream);
    }

    private static void Compare(string place, JsonElement? a, JsonElement? b, List<ResultDifference> differences, int limit)
    {
        if (differences.Count >= limit)
        {
            return;
        }

        if (a is { ValueKind: JsonValueKind.Object } && b is { ValueKind: JsonValueKind.Object })
        {
            foreach (string name in a.Value.EnumerateObject().Concat(b.Value.EnumerateObject()).Select(p => p.Name).Distinct())
            {
                Compare(place.Length == 0 ? name : $"{place}.{name}", Member(a.Value, name), Member(b.Value, name), differences, limit);
            }
        }
        else if (a is { ValueKind: JsonValueKind.Array } && b is { ValueKind: JsonValueKind.Array })
        {
            using var first = a.Value.EnumerateArray();
            using var second = b.Value.EnumerateArray();
            int index = 0;
            for (bool x = first.MoveNext(), y = second.MoveNext(); x || y; x = x && first.MoveNext(), y = y && second.MoveNext(), index++)
            {
                Compare($"{place}[{index}]", x ? first.Current : null, y ? second.Current : null, differences, limit);
            }
        }
        else if (a?.GetRawText() != b?.GetRawText())
        {
            differences.Add(new ResultDifference(place, a?.GetRawText(), b?.GetRawText()));
        }
    }

    private static JsonElement? Member(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value : null;
}
