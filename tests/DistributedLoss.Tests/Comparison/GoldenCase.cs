using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.Tests.Comparison;

/// <summary>One case of Goldens/comparison.json.</summary>
internal sealed record GoldenCase
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<GoldenCase> All { get; } = JsonSerializer.Deserialize<GoldenCase[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Comparison", "Goldens", "comparison.json")),
        Options)!;

    public required string[][] LogitsA { get; init; }
    public required string[][] LogitsB { get; init; }
    public required long[] Labels { get; init; }
    public required int[] Kinds { get; init; }
    public required GoldenFigures Total { get; init; }
    public required double T { get; init; }
    public required double PairedT { get; init; }
    public required long Better { get; init; }
    public required long Worse { get; init; }
    public required double Sign { get; init; }
    public required double? Permutation { get; init; }
    public required long OnlyARight { get; init; }
    public required long OnlyBRight { get; init; }
    public required double McNemar { get; init; }
    public required double Agreement { get; init; }
    public required double Divergence { get; init; }
    public required GoldenFigures?[] PerClass { get; init; }
    public required GoldenFigures[] PerKind { get; init; }
    public required long[] Worst { get; init; }
    public required long[] Best { get; init; }

    /// <summary>Writes one side, its rows in an order of their own.</summary>
    public void Write(string path, string[][] logits, int[] order, int groupRows, int pageRows) => new NestedTable(
        ("logits", order.Select(i => (double?[]?)[.. logits[i].Select(z => (double?)(z == "-inf" ? double.NegativeInfinity : double.Parse(z, CultureInfo.InvariantCulture)))]).ToArray()),
        ("label", order.Select(i => (long?)Labels[i]).ToArray()),
        ("kind", order.Select(i => $"kind {Kinds[i]}").ToArray()),
        ("id", order.Select(i => (long?)(1000 - i)).ToArray()))
    {
        GroupRows = groupRows,
        PageRows = pageRows,
    }.Write(path);
}

/// <summary>Figures of some pairs; null where SciPy has none.</summary>
internal sealed record GoldenFigures(long Pairs, double LossA, double LossB, double? Difference, double? StandardError);
