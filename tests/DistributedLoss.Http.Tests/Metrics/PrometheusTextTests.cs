using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Tests.Metrics;

public class PrometheusTextTests
{
    [Fact]
    public void A_family_is_its_help_its_type_and_its_samples()
    {
        string text = PrometheusText.Write(
        [
            MetricFamily.Gauge("dloss_rows_planned", "Rows of all shards.", 50_000),
            MetricFamily.Labelled(MetricType.Counter, "dloss_things_total", "Things.", "kind", ("a", 1), ("b", 0.5)),
            MetricFamily.Summary("dloss_shard_duration_seconds", "Time.", 1.25, 3),
        ]);
        Assert.Equal(
            """
            # HELP dloss_rows_planned Rows of all shards.
            # TYPE dloss_rows_planned gauge
            dloss_rows_planned 50000
            # HELP dloss_things_total Things.
            # TYPE dloss_things_total counter
            dloss_things_total{kind="a"} 1
            dloss_things_total{kind="b"} 0.5
            # HELP dloss_shard_duration_seconds Time.
            # TYPE dloss_shard_duration_seconds summary
            dloss_shard_duration_seconds_sum 1.25
            dloss_shard_duration_seconds_count 3

            """,
            text);
    }

    [Fact]
    public void What_is_not_known_is_absent() => Assert.Equal("", PrometheusText.Write([MetricFamily.Gauge("dloss_mean_loss", "Mean.", null)]));

    // The cases of the format's own page.
    [Theory]
    [InlineData("C:\\DIR\\FILE.TXT", "C:\\\\DIR\\\\FILE.TXT")]
    [InlineData("Cannot find file:\n\"FILE.TXT\"", "Cannot find file:\\n\\\"FILE.TXT\\\"")]
    [InlineData("{a=\"b\"},", "{a=\\\"b\\\"},")]
    [InlineData("größe", "größe")]
    public void A_label_escapes_backslash_quote_and_line_feed(string value, string written)
    {
        string text = PrometheusText.Write([MetricFamily.Info("dloss_run_info", "Help.", KeyValuePair.Create("file", value))]);
        Assert.Contains($"dloss_run_info{{file=\"{written}\"}} 1\n", text, StringComparison.Ordinal);
        Assert.True(new ScreenedMetrics(text).Has($"dloss_run_info{{file=\"{written}\"}}"));
    }

    [Fact]
    public void Help_escapes_backslash_and_line_feed_and_leaves_quotes()
    {
        string text = PrometheusText.Write([MetricFamily.Gauge("dloss_rows_done", "a \"b\" \\ c\nd", 1)]);
        Assert.StartsWith("# HELP dloss_rows_done a \"b\" \\\\ c\\nd\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e300, "1E+300")]
    [InlineData(-0.1, "-0.1")]
    [InlineData(9007199254740991, "9007199254740991")]
    public void Numbers_are_as_Go_parses_them(double value, string written)
    {
        string text = PrometheusText.Write([MetricFamily.Gauge("dloss_mean_loss", "Mean.", value)]);
        Assert.EndsWith($"\ndloss_mean_loss {written}\n", text, StringComparison.Ordinal);
        Assert.Equal(value, new ScreenedMetrics(text)["dloss_mean_loss"]);
    }
}
