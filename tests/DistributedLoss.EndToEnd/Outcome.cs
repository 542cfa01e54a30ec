using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>How a <c>dloss</c> process ended and what it wrote.</summary>
internal sealed record Outcome(string Command, int ExitCode, string Output, string Error)
{
    private JsonElement? _json;

    /// <summary>Stdout as one JSON document.</summary>
    public JsonElement Json => _json ??= JsonDocument.Parse(Output).RootElement;

    public string Digest => Json.GetProperty("digest").GetString()!;

    public double Mean => Json.GetProperty("loss").Number("mean");

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"dloss {Command}\nstdout: {Output}\nstderr: {Error}";
}

internal static class JsonElements
{
    /// <summary>A number, or one of the strings that stand for non-finite ones.</summary>
    public static double Number(this JsonElement element, string name)
    {
        var value = element.GetProperty(name);
        return value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text => throw new JsonException($"{name} is the string '{text}'"),
        };
    }

    public static long Count(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    public static bool IsNull(this JsonElement element, string name) => element.GetProperty(name).ValueKind == JsonValueKind.Null;
}
