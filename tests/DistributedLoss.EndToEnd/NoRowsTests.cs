namespace DistributedLoss.EndToEnd;

/// <summary>Nothing to average is a clear result, not NaN and not an error.</summary>
public class NoRowsTests
{
    [Theory]
    [InlineData("odd/zero_rows.parquet")]
    [InlineData("odd/zero_rows_polars.parquet")]
    [InlineData("odd/zero_rows_hyparquet.parquet")]
    public void A_file_without_rows_has_no_mean_and_a_line_says_why(string file)
    {
        HasNoMean(0, 0, "no rows", Fixtures.PathOf(file));
    }

    [Fact]
    public void A_dump_whose_labels_are_all_ignored_has_no_mean_and_a_line_says_why() =>
        HasNoMean(3, 3, "-100", Fixtures.PathOf("odd/all_ignored.parquet"));

    [Fact]
    public void An_ignore_index_may_be_a_class()
    {
        var rows = Dloss.Evaluate(Fixtures.PathOf("known/duckdb_f64.parquet"), "--ignore-index", "3").Json.GetProperty("rows");
        Assert.Equal((3, 1, 2), (rows.Count("total"), rows.Count("ignored"), rows.Count("evaluated")));
    }

    [Fact]
    public void Without_its_ignore_index_a_label_is_out_of_range()
    {
        var outcome = Dloss.Run("evaluate", Fixtures.PathOf("odd/all_ignored.parquet"), "--ignore-index", "-1");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("-100", outcome.Error);
    }

    [Fact]
    public void An_empty_file_among_others_changes_nothing()
    {
        using var folder = new TempFolder();
        folder.Copy(Fixtures.PathOf("odd/zero_rows.parquet"), "a.parquet");
        string full = folder.Copy(Fixtures.PathOf("coarse/duckdb_list_none.parquet"), "b.parquet");
        Assert.Equal(Dloss.Evaluate(full).Digest, Dloss.Evaluate(folder.Root).Digest);
    }

    private static void HasNoMean(long total, long ignored, string why, string path)
    {
        var outcome = Dloss.Evaluate(path);
        Assert.True(outcome.Json.GetProperty("loss").IsNull("mean"));
        Assert.Equal((total, ignored, 0), (outcome.Json.GetProperty("rows").Count("total"), outcome.Json.GetProperty("rows").Count("ignored"), outcome.Json.GetProperty("rows").Count("evaluated")));
        Assert.Contains(why, outcome.Error, StringComparison.OrdinalIgnoreCase);

        var table = Dloss.Run("evaluate", path);
        Assert.Equal(0, table.ExitCode);
        Assert.Contains(why, table.Output + table.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("NaN", table.Output);
    }
}
