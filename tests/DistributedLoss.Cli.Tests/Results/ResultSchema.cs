using System.Text.Json;
using System.Text.RegularExpressions;
using NJsonSchema;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>docs/result.schema.json: what a validator makes of it, and the fields that it names, as docs/results.md writes them.</summary>
internal sealed class ResultSchema
{
    // What the documentation explains in one line: names that are listed there, and a slice's figures, which are those of the whole.
    private static readonly string[] Whole = ["rows.invalid", "quantiles", "slices[].slice"];
    private static readonly Dictionary<string, string> Patterns = new() { ["^top[1-9][0-9]*$"] = "topK" };

    private readonly JsonSchema _validator;
    private readonly JsonElement _root;

    private ResultSchema(string text)
    {
        // The validator knows $defs by its older name alone; all else that the schema uses has kept its meaning since.
        _validator = JsonSchema.FromJsonAsync(text.Replace("$defs", "definitions", StringComparison.Ordinal)).GetAwaiter().GetResult();
        _root = JsonDocument.Parse(text).RootElement;
    }

    public static ResultSchema Read() => new(Repository.Read("docs/result.schema.json"));

    /// <summary>What is wrong with a result; empty when it fits.</summary>
    public IEnumerable<string> Errors(string result) => _validator.Validate(result).Select(e => e.ToString());

    /// <summary>The places of all figures and texts, such as <c>perClass[].count</c>.</summary>
    public IEnumerable<string> Fields() => Fields("", _root).Distinct();

    /// <summary>The same of a result.</summary>
    public static IEnumerable<string> Fields(JsonElement result) => InResult("", result).Distinct();

    private IEnumerable<string> Fields(string path, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            string name = reference.GetString()!["#/$defs/".Length..];
            return Fields(path, _root.GetProperty("$defs").GetProperty(name));
        }

        if (IsWhole(path))
        {
            return [path];
        }

        if (schema.TryGetProperty("items", out var items) && Fields($"{path}[]", items).ToList() is var inside && !inside.SequenceEqual([$"{path}[]"]))
        {
            return inside;
        }

        var named = Members(schema, "properties").Select(p => (p.Name, p.Value));
        var patterns = Members(schema, "patternProperties").Select(p => (Name: Patterns[p.Name], p.Value));
        (string Name, JsonElement Value)[] all = [.. named, .. patterns];
        return all.Length == 0 ? [path] : all.SelectMany(p => Fields(Join(path, p.Name), p.Value));
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var members) ? members.EnumerateObject() : default;

    private static IEnumerable<string> InResult(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array when IsWhole(path) => [path],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => InResult(Join(path, Named(p.Name)), p.Value)),
        JsonValueKind.Array when value.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.Object) =>
            value.EnumerateArray().SelectMany(v => InResult($"{path}[]", v)),
        _ => [path],
    };

    private static bool IsWhole(string path) => Whole.Contains(path) || path.StartsWith("slices[].", StringComparison.Ordinal);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Named(string name) =>
        Patterns.FirstOrDefault(p => Regex.IsMatch(name, p.Key)).Value ?? name;
}
