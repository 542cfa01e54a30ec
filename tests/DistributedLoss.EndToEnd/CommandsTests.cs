using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace DistributedLoss.EndToEnd;

/// <summary>demo, inspect and generate.</summary>
public partial class CommandsTests
{
    [Fact]
    public void Demo_needs_nothing_and_prints_a_table_with_the_mean()
    {
        var outcome = Dloss.Run("demo");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Matches(Mean(), outcome.Output);
        Assert.DoesNotContain("NaN", outcome.Output);
    }

    [Fact]
    public void Demo_gives_the_same_mean_every_time() =>
        Assert.Equal(Mean().Match(Dloss.Run("demo").Output).Value, Mean().Match(Dloss.Run("demo").Output).Value);

    [Fact]
    public void Inspect_prints_schema_columns_and_shards()
    {
        string path = Fixtures.PathOf("coarse/arrow_list_v1_pages_groups.parquet");
        var outcome = Dloss.Run("inspect", path);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Empty(outcome.Error);
        foreach (string named in new[] { "logits", "label", "FLOAT", "INT32", "320", "10", "shards" })
        {
            Assert.Contains(named, outcome.Output, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Inspect_tells_what_is_wrong_as_evaluate_does()
    {
        var outcome = Dloss.Run("inspect", "/no/such/dump.parquet");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Contains("/no/such/dump.parquet", Assert.Single(outcome.ErrorLines));
    }

    /// <summary>The type of the logits, then the options that must change nothing, then how to name the columns.</summary>
    public static TheoryData<string, string[], string[]> Layouts() => new()
    {
        { "float32", ["--codec", "snappy", "--page-version", "2"], [] },
        { "float32", ["--codec", "gzip", "--row-group-rows", "70", "--page-bytes", "1000"], [] },
        { "float32", ["--layout", "flat", "--codec", "brotli"], ["--logits-prefix", "logits_"] },
        { "float32", ["--layout", "packed"], ["--packed", "float32"] },
        { "float32", ["--files", "3", "--codec", "zstd"], [] },
        { "float64", ["--codec", "lz4", "--page-bytes", "100"], [] },
        { "float64", ["--layout", "packed", "--page-version", "2"], ["--packed", "float64"] },
        { "float16", ["--layout", "packed", "--codec", "zstd"], ["--packed", "float16"] },
        { "float16", ["--layout", "flat", "--files", "2"], ["--logits-prefix", "logits_"] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Generated_logits_give_one_digest_in_every_layout_and_codec(string type, string[] layout, string[] columns)
    {
        using var folder = new TempFolder();
        Assert.Equal(PlainDigests.GetOrAdd(type, PlainDigest), Digest(folder, ["--dtype", type, .. layout], columns));
    }

    [Fact]
    public void Another_seed_gives_another_dump()
    {
        using var folder = new TempFolder();
        Assert.NotEqual(PlainDigests.GetOrAdd("float32", PlainDigest), Digest(folder, ["--seed", "77"], []));
    }

    private static readonly ConcurrentDictionary<string, string> PlainDigests = new();

    /// <summary>A list column, uncompressed, in one file.</summary>
    private static string PlainDigest(string type)
    {
        using var folder = new TempFolder();
        return Digest(folder, ["--dtype", type, "--codec", "none"], []);
    }

    private static string Digest(TempFolder folder, string[] layout, string[] columns)
    {
        string path = folder.PathOf("dump/generated.parquet");
        string target = layout.Contains("--files") ? Path.GetDirectoryName(path)! : path;
        var generated = Dloss.Run(["generate", target, "--rows", "500", "--classes", "12", .. layout]);
        Assert.True(generated.ExitCode == 0, generated.ToString());
        var outcome = Dloss.Evaluate([target, .. columns]);
        Assert.Equal(500, outcome.Json.GetProperty("rows").Count("evaluated"));
        return outcome.Digest;
    }

    [GeneratedRegex(@"\b\d\.\d{10,}")]
    private static partial Regex Mean();
}
