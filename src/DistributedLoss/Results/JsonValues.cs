using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.Results;

/// <summary>Members of a result, as <see cref="JsonLines"/> writes them.</summary>
internal static class JsonValues
{
    /// <exception cref="FormatException">There is no such member.</exception>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : throw new FormatException($"it has no {name}");

    /// <summary>Null for a null.</summary>
    public static JsonElement? Optional(this JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    public static string? Text(this JsonElement parent, string name) => parent.Optional(name)?.GetString();

    public static string RequiredText(this JsonElement parent, string name) => parent.Text(name) ?? throw new FormatException($"{name} is null");

    public static int Integer(this JsonElement parent, string name) => parent.Member(name).GetInt32();

    public static long Count(this JsonElement parent, string name) => parent.Member(name).GetInt64();

    /// <summary>Null for a null; what is not finite is written as text.</summary>
    public static double? Number(this JsonElement parent, string name) => parent.Member(name).AsNumber();

    public static double RequiredNumber(this JsonElement parent, string name) => parent.Number(name) ?? throw new FormatException($"{name} is null");

    public static double? AsNumber(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text => throw new FormatException($"\"{text}\" is no number"),
        },
        _ => value.GetDouble(),
    };

    /// <summary>Null where there is no such member, or a null.</summary>
    public static double? NumberIfAny(this JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.AsNumber() : null;

    public static string? TextIfAny(this JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static IReadOnlyList<T> List<T>(this JsonElement parent, string name, Func<JsonElement, T> read) =>
        [.. parent.Member(name).EnumerateArray().Select(read)];

    public static IReadOnlyList<T>? OptionalList<T>(this JsonElement parent, string name, Func<JsonElement, T> read) =>
        parent.Optional(name) is { } list ? [.. list.EnumerateArray().Select(read)] : null;

    public static IReadOnlyList<string> Texts(this JsonElement parent, string name) =>
        parent.List(name, v => v.GetString() ?? throw new FormatException($"{name} has a null"));

    /// <exception cref="FormatException">None of the choices has that name.</exception>
    public static T Choice<T>(this JsonElement parent, string name, IEnumerable<(string Name, T Value)> choices)
    {
        string text = parent.RequiredText(name);
        foreach (var choice in choices)
        {
            if (choice.Name == text)
            {
                return choice.Value;
            }
        }

        throw new FormatException($"{name} is \"{text}\", which this program does not know");
    }

    public static DateTimeOffset Time(this JsonElement parent, string name) =>
        DateTimeOffset.ParseExact(parent.RequiredText(name), ResultJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
