using System.Text.Json;
using System.Text.Json.Nodes;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>A slice's figures are those of a run over a dump of its rows alone, every one of them to the last digit.</summary>
public sealed class SliceTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Families => [.. OptionFamily.All.Where(f => f.Options.SliceBy.Count > 1).Select(f => f.Name)];

    public static TheoryData<string> Fixtures => ["duckdb_plain_none", "duckdb_dictionary_snappy", "duckdb_v2_zstd", "polars_zstd", "hyparquet_encodings"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void A_slice_has_the_figures_of_a_run_over_its_rows_alone(string family)
    {
        var run = OptionFamily.Of(family);
        var dump = run.Dump();
        dump.Write(_folder["all.parquet"]);
        var result = Evaluate(_folder["all.parquet"], run.Options);
        var slices = result["slices"]!.AsArray();
        Assert.True(slices.Count > 20, $"{slices.Count} slices are too few for this test");
        foreach (var slice in slices)
        {
            var key = slice!["slice"]!.AsObject();
            dump.Write(_folder["slice.parquet"], row => key.All(k => TextOf(row, k.Key) == (string?)k.Value));
            AssertSame(slice, Evaluate(_folder["slice.parquet"], run.Options with { SliceBy = [] }));
        }

        foreach (var set in run.Options.SliceBy)
        {
            // Every row is in one slice of each set, whatever became of it.
            var own = slices.Where(s => s!["slice"]!.AsObject().Select(k => k.Key).SequenceEqual(set)).ToArray();
            foreach (string count in (string[])["total", "evaluated", "ignored"])
            {
                Assert.Equal((long)result["rows"]![count]!, own.Sum(s => (long)s!["rows"]![count]!));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Columns_of_every_type_that_others_write_slice_as_their_values_say(string fixture)
    {
        string folder = Repository.Fixture("slices");
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        string path = Path.Combine(folder, fixture + ".parquet");
        foreach (var column in expected.RootElement.GetProperty(fixture + ".parquet").EnumerateObject())
        {
            // Null comes first, then texts in ordinal order.
            var values = column.Value.EnumerateArray().Select(v => v.GetString()).ToArray();
            var plan = RunPlan.Create([path], new EvaluationOptions { SliceBy = [[column.Name]] }, new PlanOptions { ShardBytes = 1 }) with { TileRows = 3 };
            var slices = OptionFamily.Build(plan, DumpFolder.Evaluate(plan)).Slices;
            Assert.Equal(
                values.GroupBy(v => v).OrderBy(v => v.Key is not null).ThenBy(v => v.Key, StringComparer.Ordinal).Select(v => (column.Name, v.Key, (long)v.Count())),
                slices.Select(s => (Assert.Single(s.Key).Column, s.Key[0].Value, s.Figures.Rows.Total)));
        }
    }

    private static string? TextOf(MixedDump.Row row, string column) => column switch
    {
        "kind" => row.Kind,
        "flag" => row.Flag is { } flag ? flag ? "true" : "false" : null,
        "ratio" => row.Ratio switch { null => null, double.NegativeInfinity => "-Infinity", { } ratio => double.IsNaN(ratio) ? "NaN" : ratio == 0.1 ? "0.1" : "-2.5" },
        "size" => row.Size switch { null => null, -1 => "-1", 0 => "0", _ => "1" },
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, null),
    };

    private static JsonNode Evaluate(string path, EvaluationOptions options)
    {
        var plan = RunPlan.Create([path], options, new PlanOptions { ShardBytes = 2000 }) with { TileRows = 16 };
        return JsonNode.Parse(OptionFamily.Json(OptionFamily.Build(plan, DumpFolder.Evaluate(plan))).TrimEnd(',') + "}")!;
    }

    private static void AssertSame(JsonNode slice, JsonNode run)
    {
        foreach (var (name, value) in slice.AsObject().Where(m => m.Key != "slice"))
        {
            string own = value?.ToJsonString() ?? "null", alone = run[name]?.ToJsonString() ?? "null";
            Assert.True(own == alone, $"{slice["slice"]!.ToJsonString()}: {name} is {own} in the slice, {alone} alone");
        }
    }
}
