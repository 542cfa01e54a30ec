using System.Text.Json;
using System.Text.RegularExpressions;

namespace DistributedLoss.Cli.Tests.Commands;

/// <summary>docs/results.md and the JSON of a real run name the same fields.</summary>
public sealed partial class ResultDocumentationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_field_of_a_result_is_documented_and_every_documented_field_is_in_a_result()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, double.NaN], 0), ([1, 2, 3], 0), ([3, 2, 1], 2));
        var outcome = await CliRunner.RunAsync("evaluate", dump, "--on-invalid", "skip", "--format", "json",
            "--statistics", "all", "--slice-by", "label", "--group-by", "label", "--bytes", "label", "--classes", _folder.Write("names.txt", "cat\ndog\nbird\n"));
        using var result = JsonDocument.Parse(outcome.Out);
        Assert.Equal(Documented().Order(), Fields("", result.RootElement).Distinct().Order());
    }

    private static IEnumerable<string> Fields(string path, JsonElement value) => value.ValueKind switch
    {
        // Counts by cause: the field's description lists the causes.
        JsonValueKind.Object when path is "rows.invalid" or "quantiles" or "slices[].slice" => [path],

        // A slice has the fields of the whole.
        JsonValueKind.Object or JsonValueKind.Array when path.StartsWith("slices[].", StringComparison.Ordinal) => [path],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Fields(path.Length == 0 ? p.Name : $"{path}.{TopK().Replace(p.Name, "topK")}", p.Value)),
        JsonValueKind.Array when value.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.Object) =>
            value.EnumerateArray().SelectMany(v => Fields($"{path}[]", v)),
        _ => [path],
    };

    private static IEnumerable<string> Documented()
    {
        foreach (string line in File.ReadLines(Repository.File("docs/results.md")))
        {
            if (line.StartsWith("| `", StringComparison.Ordinal))
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
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^top\d+$")]
    private static partial Regex TopK();
}
