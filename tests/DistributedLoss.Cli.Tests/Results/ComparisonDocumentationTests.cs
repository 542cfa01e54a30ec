using System.Text.Json;
using System.Text.RegularExpressions;
using DistributedLoss.Comparison;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>docs/compare.md explains the fields of a comparison's JSON, and no others; thresholds name numbers that are there.</summary>
public sealed partial class ComparisonDocumentationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_field_is_explained_and_every_explained_field_is_there()
    {
        string[] fields = [.. Leaves("", await CompareAsync()).Distinct()];
        string[] documented = [.. Documented()];
        Assert.Equal([], fields.Where(f => !documented.Any(d => IsWithin(f, d))));
        Assert.Equal([], documented.Where(d => !fields.Any(f => IsWithin(f, d))));
    }

    [Fact]
    public async Task Every_metric_is_a_number_of_the_JSON()
    {
        var json = await CompareAsync();
        Assert.Equal([], ComparisonMetrics.Names.Where(metric => metric.Split('.').Aggregate(json, (parent, name) => parent.GetProperty(name)).ValueKind != JsonValueKind.Number));
    }

    private async Task<JsonElement> CompareAsync()
    {
        string[] dumps = [Dumps.Of(_folder, "a.parquet", Rows(1)), Dumps.Of(_folder, "b.parquet", Rows(1.5))];
        await File.WriteAllTextAsync(_folder["names.txt"], "x\ny\nz\n");
        var outcome = await CliRunner.RunAsync("compare", dumps[0], dumps[1], "--slice-by", "label", "--classes", _folder["names.txt"], "--format", "json");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        using var json = JsonDocument.Parse(outcome.Out);
        return json.RootElement.Clone();

        static (double[], long)[] Rows(double scale) => [.. Enumerable.Range(0, 12).Select(r => ((double[])[scale * Math.Sin(r), Math.Cos(r), r % 2 == 0 ? scale : 0], (long)(r % 3)))];
    }

    private static bool IsWithin(string field, string documented) =>
        field == documented || field.StartsWith(documented + ".", StringComparison.Ordinal) || field.StartsWith(documented + "[]", StringComparison.Ordinal);

    private static IEnumerable<string> Leaves(string place, JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(p => Leaves(place.Length == 0 ? p.Name : $"{place}.{p.Name}", p.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(e => Leaves($"{place}[]", e)),
        _ => [place],
    };

    private static IEnumerable<string> Documented()
    {
        // The other table there is of promises.
        foreach (string line in File.ReadLines(Repository.File("docs/compare.md")).TakeWhile(l => l != "## How far off").Where(l => l.StartsWith("| `", StringComparison.Ordinal)))
        {
            string parent = "";
            foreach (Match field in Quoted().Matches(line.Split('|')[1]))
            {
                string name = field.Groups[1].Value;
                yield return name.StartsWith('.') ? parent + name : name;
                parent = name.StartsWith('.') ? parent : name[..Math.Max(name.LastIndexOf('.'), 0)];
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
