using System.Text.Json;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>One line of Goldens/dump_statistics.json: parameters of a generated dump, and what scikit-learn and others make of it.</summary>
internal sealed class DumpCase
{
    private readonly JsonElement _line;

    private DumpCase(JsonElement line) => _line = line;

    public static IReadOnlyList<DumpCase> All { get; } = Read();

    public string Input => Text("input");

    public int Classes => (int)Number("classes")!;

    public int Rows => (int)Number("rows")!;

    public bool HasSampleWeights => Text("sampleWeights") != "none";

    public bool IsBinary => Input.StartsWith("binary", StringComparison.Ordinal);

    public double? Number(string name) => Generated.Number(_line.GetProperty(name));

    public double? Number(string name, string inner) => Generated.Number(_line.GetProperty(name).GetProperty(inner));

    public double?[] Numbers(string name) => [.. _line.GetProperty(name).EnumerateArray().Select(Generated.Number)];

    /// <summary>A list of lists of numbers.</summary>
    public double?[][] Table(params string[] path) =>
        [.. path.Aggregate(_line, (at, name) => at.GetProperty(name)).EnumerateArray().Select(row => row.EnumerateArray().Select(Generated.Number).ToArray())];

    public override string ToString() => $"{Input}, {Text("kind")}, {Rows} rows, {Classes} classes, seed {Number("seed")}";

    /// <summary>Columns logits, label, weight, group and bytes; of binary logits logits, label and weight.</summary>
    public void Write(string path)
    {
        var draw = new Generated.Draws((ulong)Number("seed")!);
        string kind = Text("kind"), weights = Text("sampleWeights");
        double scale = Number("scale")!.Value;
        ulong groups = (ulong)Number("groups")!;
        double[][] values = new double[Rows][], targets = new double[Rows][];
        long[] labels = new long[Rows], group = new long[Rows], bytes = new long[Rows];
        double[] weight = new double[Rows];
        for (int r = 0; r < Rows; r++)
        {
            values[r] = Input == "probs" ? Generated.Distribution("dense", draw, Classes) : Generated.Logits(kind, scale, draw, Classes);
            if (IsBinary)
            {
                targets[r] = Array.ConvertAll(values[r], z => draw.Next() % 10 < 7 == z > 0 ? 1.0 : 0);
                weight[r] = Generated.Weight(weights, draw.Next());
                continue;
            }

            // Right more often than not, and never a masked class.
            ulong x = draw.Next();
            int y = Generated.Class(x, Classes);
            labels[r] = x % 3 > 0 || double.IsNegativeInfinity(values[r][y]) ? Array.IndexOf(values[r], values[r].Max()) : y;
            weight[r] = Generated.Weight(weights, draw.Next());
            group[r] = (long)(draw.Next() % groups);
            bytes[r] = 1 + (long)(draw.Next() % 9);
        }

        var table = IsBinary
            ? new NestedTable(("logits", values), ("label", targets), ("weight", weight)) { GroupRows = 111, PageRows = 20 }
            : new NestedTable(("logits", values), ("label", labels), ("weight", weight), ("group", group), ("bytes", bytes)) { GroupRows = 111, PageRows = 20 };
        table.Write(path);
    }

    private string Text(string name) => _line.GetProperty(name).GetString()!;

    private static DumpCase[] Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Evaluation", "Goldens", "dump_statistics.json")));
        return [.. document.RootElement.EnumerateArray().Select(line => new DumpCase(line.Clone()))];
    }
}
