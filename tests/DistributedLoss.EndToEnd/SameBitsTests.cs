namespace DistributedLoss.EndToEnd;

/// <summary>Nothing but data and options moves a bit: not workers, kernels, file names, nor how rows are spread over files.</summary>
public class SameBitsTests
{
    private static readonly string Coarse = Fixtures.PathOf("coarse/arrow_list_v1_pages_groups.parquet");
    private static readonly string Fine = Fixtures.PathOf("fine/hyparquet_list_oo.parquet");
    private static readonly Lazy<string> CoarseDigest = new(() => Dloss.Evaluate(Coarse).Digest);
    private static readonly Lazy<string> FineDigest = new(() => Dloss.Evaluate(Fine).Digest);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Any_number_of_workers_gives_the_same_bits(int workers)
    {
        Assert.Equal(FineDigest.Value, Dloss.Evaluate(Fine, "--workers", $"{workers}").Digest);
        Assert.Equal(CoarseDigest.Value, Dloss.Evaluate(Coarse, "--workers", $"{workers}").Digest);
    }

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public void Every_kernel_gives_the_same_bits_and_is_named_in_the_result(string kernel)
    {
        var environment = new Dictionary<string, string> { ["DLOSS_KERNEL"] = kernel };
        var coarse = Dloss.Evaluate(environment, Coarse);
        Assert.Equal(CoarseDigest.Value, coarse.Digest);
        Assert.Contains(kernel, coarse.Json.GetProperty("environment").GetProperty("kernel").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(FineDigest.Value, Dloss.Evaluate(environment, Fine).Digest);
        Assert.Equal(
            Dloss.Evaluate(Fixtures.PathOf("extreme/duckdb_f64.parquet")).Digest,
            Dloss.Evaluate(environment, Fixtures.PathOf("extreme/duckdb_f64.parquet")).Digest);
    }

    [Fact]
    public void A_kernel_that_is_none_is_refused_by_name()
    {
        var outcome = Dloss.Run(new Dictionary<string, string> { ["DLOSS_KERNEL"] = "1024" }, "evaluate", Coarse);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        string line = Assert.Single(outcome.ErrorLines);
        Assert.Contains("DLOSS_KERNEL", line);
        Assert.Contains("1024", line);
    }

    [Fact]
    public void A_renamed_file_gives_the_same_bits()
    {
        using var folder = new TempFolder();
        Assert.Equal(CoarseDigest.Value, Dloss.Evaluate(folder.Copy(Coarse, "zzz, with spaces 'and' ünicode.bin")).Digest);
    }

    [Fact]
    public void Rows_split_over_files_of_different_types_and_writers_give_the_same_bits()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("split"));
        Assert.Equal(CoarseDigest.Value, outcome.Digest);
        Assert.Equal(3, outcome.Json.GetProperty("files").GetArrayLength());
    }

    [Fact]
    public void The_same_run_twice_gives_the_same_document_but_for_time()
    {
        string[] parts = [.. Enumerable.Range(0, 2).Select(_ => Deterministic(Dloss.Run("evaluate", Fine, "--workers", "3", "--format", "json")))];
        Assert.Equal(parts[0], parts[1]);
    }

    [Fact]
    public void Code_of_every_compiler_tier_gives_the_same_bits()
    {
        foreach (var (tiered, loops) in new[] { ("0", "0"), ("1", "0"), ("1", "1") })
        {
            var environment = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = tiered, ["DOTNET_TC_QuickJitForLoops"] = loops, ["DOTNET_TieredPGO"] = loops };
            Assert.Equal(FineDigest.Value, Dloss.Evaluate(environment, Fine).Digest);
        }
    }

    /// <summary>The result without the three members that may differ between equal runs.</summary>
    private static string Deterministic(Outcome outcome) => string.Join('\n', outcome.Json.EnumerateObject()
        .Where(p => p.Name is not ("shards" or "timing" or "environment")).Select(p => $"{p.Name}: {p.Value.GetRawText()}"));
}
