namespace DistributedLoss.EndToEnd;

/// <summary>The same logits and labels, whoever wrote them and however: one digest, and the mean that PyTorch and mpmath give.</summary>
public class CoarseDigestTests
{
    private static readonly Lazy<string> Digest = new(() => Dloss.Evaluate(Fixtures.PathOf("coarse/duckdb_list_none.parquet")).Digest);

    public static TheoryData<string> Files() => [.. Fixtures.FilesOf("coarse").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_writer_layout_type_and_codec_gives_one_digest_and_the_mean(string file)
    {
        var outcome = Dloss.Evaluate(Fixtures.ArgumentsOf(Fixtures.PathOf($"coarse/{file}")));
        Fixtures.WithinOneUlp(Fixtures.Expected.GetProperty("coarse").Number("mean"), outcome.Mean);
        Assert.Equal(320, outcome.Json.GetProperty("rows").Count("evaluated"));
        Assert.Equal(Digest.Value, outcome.Digest);
    }

    [Fact]
    public void At_least_six_writers_wrote_them() =>
        Assert.Superset(
            new HashSet<string>(["duckdb", "polars", "arrow", "arrow2", "hyparquet", "parquetjs"]),
            Fixtures.FilesOf("coarse").Select(f => Path.GetFileName(f).Split('_')[0]).ToHashSet());
}

public class FineDigestTests
{
    private static readonly Lazy<string> FineDigest = new(() => Dloss.Evaluate(Fixtures.PathOf("fine/duckdb_list_none.parquet")).Digest);
    private static readonly Lazy<string> ExtremeDigest = new(() => Dloss.Evaluate(Fixtures.PathOf("extreme/duckdb_f64.parquet")).Digest);
    private static readonly Lazy<string> KnownDigest = new(() => Dloss.Evaluate(Fixtures.PathOf("known/duckdb_f64.parquet")).Digest);

    public static TheoryData<string> FineFiles() => Names("fine");

    public static TheoryData<string> ExtremeFiles() => Names("extreme");

    public static TheoryData<string> KnownFiles() => Names("known", "_f32");

    [Theory]
    [MemberData(nameof(FineFiles))]
    public void Full_float32_logits_give_one_digest_and_the_mean(string file) => OneDigest("fine", file, FineDigest.Value);

    [Theory]
    [MemberData(nameof(ExtremeFiles))]
    public void Rows_at_the_edges_of_float64_give_one_digest_and_the_mean(string file) => OneDigest("extreme", file, ExtremeDigest.Value);

    [Theory]
    [MemberData(nameof(KnownFiles))]
    public void The_worked_example_gives_one_digest_and_the_mean(string file) => OneDigest("known", file, KnownDigest.Value);

    [Fact]
    public void Different_logits_give_different_digests()
    {
        string[] digests = [FineDigest.Value, ExtremeDigest.Value, KnownDigest.Value, Dloss.Evaluate(Fixtures.PathOf("known/duckdb_f32.parquet")).Digest];
        Assert.Equal(4, digests.Distinct().Count());
        Assert.All(digests, d => Assert.Matches("^[0-9a-f]{64}$", d));
    }

    private static void OneDigest(string set, string file, string digest)
    {
        var outcome = Dloss.Evaluate(Fixtures.ArgumentsOf(Fixtures.PathOf($"{set}/{file}")));
        Fixtures.WithinOneUlp(Fixtures.Expected.GetProperty(set).Number("mean"), outcome.Mean);
        Assert.Equal(digest, outcome.Digest);
    }

    private static TheoryData<string> Names(string folder, string without = "|") =>
        [.. Fixtures.FilesOf(folder).Select(f => Path.GetFileName(f)!).Where(n => !n.Contains(without, StringComparison.Ordinal))];
}
