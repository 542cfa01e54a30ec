using System.Text.Json;

namespace DistributedLoss.Cli.Tests.Commands;

public sealed class InspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_tells_columns_storage_classes_shards_and_memory()
    {
        await CliRunner.RunAsync("generate", _folder["d.parquet"], "--rows", "500", "--classes", "9", "--row-group-rows", "100", "--codec", "zstd", "--page-version", "2");
        using var json = JsonDocument.Parse((await CliRunner.RunAsync("inspect", _folder["d.parquet"], "--format", "json", "--workers", "3")).Out);
        var root = json.RootElement;
        Assert.Equal(500, root.GetProperty("rows").GetInt64());
        Assert.Equal(9, root.GetProperty("classes").GetInt32());
        Assert.Equal(5, root.GetProperty("shards").GetInt32());
        Assert.Equal(3, root.GetProperty("workers").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("problem").ValueKind);
        Assert.InRange(root.GetProperty("peakBytes").GetInt64(), 10L << 20, 200L << 20);
        var file = Assert.Single(root.GetProperty("files").EnumerateArray());
        Assert.Equal(5, file.GetProperty("rowGroups").GetInt32());
        Assert.Equal(
            ["logits list<float>", "label int64", "id int64"],
            file.GetProperty("columns").EnumerateArray().Select(c => $"{c.GetProperty("name")} {c.GetProperty("type")}"));
        var logits = file.GetProperty("logits");
        Assert.Equal("ZSTD", Assert.Single(logits.GetProperty("codecs").EnumerateArray()).GetString());
        Assert.Equal(2, logits.GetProperty("pageVersion").GetInt32());
    }

    [Theory]
    [InlineData(0.2, 0.3, 0.5, "probs", "--input probs")]
    [InlineData(0.2, 0.3, 0.9, "binary-probs", "--input binary-probs")]
    [InlineData(-0.5, 3, 0.5, "logits", "--input logits")]
    [InlineData(0, 1, 0, null, "could be anything")]
    public async Task It_tells_what_the_values_look_like_and_what_to_declare(double a, double b, double c, string? looksLike, string advice)
    {
        string dump = Dumps.Of(_folder, "d.parquet", ([a, b, c], 0), ([a, b, c], 1));
        using var json = JsonDocument.Parse((await CliRunner.RunAsync("inspect", dump, "--format", "json")).Out);
        var values = json.RootElement.GetProperty("values");
        Assert.Equal(looksLike, values.GetProperty("looksLike").GetString());
        Assert.Equal(2, values.GetProperty("rowsLookedAt").GetInt32());
        Assert.Contains(advice, (await CliRunner.RunAsync("inspect", dump)).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sequences/polars_f32_zstd", "logits", "list<list<float>>", "--input logits, the default")]
    [InlineData("targets/duckdb_multi_i32_snappy", "binary-logits", "list<float>", "--input binary-logits")]
    [InlineData("targets/hyparquet_binary_bool", "binary-logits", "double", "--input binary-logits")]
    [InlineData("targets/polars_soft_f32_snappy", "logits", "list<float>", "--input logits, the default")]
    public async Task It_knows_sequences_elements_and_soft_targets(string name, string looksLike, string type, string advice)
    {
        string path = Repository.Fixture($"{name}.parquet");
        using var json = JsonDocument.Parse((await CliRunner.RunAsync("inspect", path, "--format", "json")).Out);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("problem").ValueKind);
        Assert.Equal(looksLike, json.RootElement.GetProperty("values").GetProperty("looksLike").GetString());
        Assert.Equal(type, json.RootElement.GetProperty("files")[0].GetProperty("logits").GetProperty("type").GetString());
        Assert.Contains(advice, (await CliRunner.RunAsync("inspect", path)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flat_columns_are_one_line_of_the_table()
    {
        await CliRunner.RunAsync("generate", _folder["d.parquet"], "--rows", "10", "--classes", "300", "--layout", "flat", "--dtype", "float16");
        var outcome = await CliRunner.RunAsync("inspect", _folder["d.parquet"], "--logits-prefix", "logits_");
        Assert.Contains("logits_0 ... logits_299", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("float16", outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("logits_7", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_that_are_not_found_get_advice()
    {
        await CliRunner.RunAsync("generate", _folder["d.parquet"], "--rows", "10", "--classes", "30", "--layout", "flat");
        var outcome = await CliRunner.RunAsync("inspect", _folder["d.parquet"], "--label", "target");
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Contains("would fail: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("--logits-prefix logits_ could name the logits (30 columns of float)", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("--label label could name the labels (int64)", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_Parquet_is_bad_input()
    {
        string file = _folder.Write("d.parquet", "this is a text file, and no Parquet file at all");
        Assert.StartsWith($"{file}: ", (await CliRunner.RunAsync("inspect", file)).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
    }
}
