using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>The files under tests/fixtures, how to name their columns, and what PyTorch and mpmath say about them.</summary>
internal static class Fixtures
{
    public static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(PathOf("expected.json"))).RootElement;

    public static string PathOf(string name) => Repository.Fixture(name);

    public static string[] FilesOf(string folder) => [.. Directory.GetFiles(PathOf(folder)).Order(StringComparer.Ordinal)];

    /// <summary>The arguments that evaluate a fixture: its path and what its name says of its columns.</summary>
    public static string[] ArgumentsOf(string path) => Path.GetFileName(path) switch
    {
        var name when name.Contains("_flat_") => [path, "--logits-prefix", "logits_"],
        var name when name.Contains("_packed_bf") => [path, "--packed", "bfloat16"],
        var name when name.Contains("_packed_f16") || name.Contains("_packed_float16") => [path, "--packed", "float16"],
        var name when name.Contains("_packed_f32") || name.Contains("_packed_float32") => [path, "--packed", "float32"],
        var name when name.Contains("_packed_f64") || name.Contains("_packed_float64") => [path, "--packed", "float64"],
        _ => [path],
    };

    /// <summary>Equal to the reference, or its neighbour: the reference rounds the exact mean, ours the exact sum of rounded rows.</summary>
    public static void WithinOneUlp(double expected, double actual) =>
        Assert.True(
            actual == expected || actual == Math.BitIncrement(expected) || actual == Math.BitDecrement(expected),
            $"expected {expected:R} or a neighbour, got {actual:R}");
}
