using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>--fail-above and --fail-below: exit code 5 and a line a miss, with the result printed all the same.</summary>
public class ThresholdTests
{
    // PyTorch: the mean loss is 1.156..., and 197 of 320 rows are predicted right.
    private static readonly string Coarse = Fixtures.PathOf("coarse/duckdb_list_none.parquet");

    [Theory]
    [InlineData("--fail-above", "loss.mean=1.2")]
    [InlineData("--fail-below", "loss.mean=1.1")]
    [InlineData("--fail-below", "accuracy.top1=0.615625")]
    [InlineData("--fail-above", "rows.invalid.nan=0")]
    public void A_kept_threshold_changes_nothing(string option, string threshold)
    {
        var outcome = Dloss.Evaluate(Coarse, option, threshold);
        Assert.Equal(Dloss.Evaluate(Coarse).Digest, outcome.Digest);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void Each_missed_threshold_is_a_line_behind_a_whole_result()
    {
        using var folder = new TempFolder();
        string file = folder.PathOf("result.json");
        var outcome = Dloss.Run(
            "evaluate", Coarse, "--format", "json", "--output", file,
            "--fail-above", "loss.mean=1.1", "--fail-above", "loss.max=100", "--fail-below", "accuracy.top1=0.7", "--fail-below", "rows.evaluated=321");
        Assert.Equal(5, outcome.ExitCode);
        Assert.Equal(Dloss.Evaluate(Coarse).Digest, outcome.Digest);
        Assert.Equal(outcome.Output, File.ReadAllText(file));
        string mean = outcome.Json.GetProperty("loss").GetProperty("mean").GetRawText();
        Assert.Equal(
            [
                $"dloss: threshold missed: loss.mean {mean} is above 1.1",
                "dloss: threshold missed: accuracy.top1 0.615625 is below 0.7",
                "dloss: threshold missed: rows.evaluated 320 is below 321",
            ],
            outcome.ErrorLines);
    }

    [Fact]
    public void Nothing_to_evaluate_passes_no_gate()
    {
        var outcome = Dloss.Run("evaluate", Fixtures.PathOf("odd/all_ignored.parquet"), "--fail-above", "loss.mean=100");
        Assert.Equal(5, outcome.ExitCode);
        Assert.Contains("loss.mean has no value", outcome.Error);
    }

    [Fact]
    public void In_a_JSON_log_a_miss_is_an_event()
    {
        var outcome = Dloss.Run("evaluate", Coarse, "--log-format", "json", "--fail-above", "rows.total=319.5");
        Assert.Equal(5, outcome.ExitCode);
        var miss = JsonDocument.Parse(Assert.Single(outcome.ErrorLines, l => l.Contains("ThresholdMissed"))).RootElement;
        Assert.Equal(("rows.total", 320.0, 319.5), (miss.GetProperty("metric").GetString(), miss.Number("value"), miss.Number("limit")));
    }

    [Theory]
    [InlineData("loss.men=1", "loss.men")]
    [InlineData("digest=1", "digest")]
    [InlineData("accuracy.top3=1", "accuracy.top3")]
    [InlineData("loss.mean", "such as loss.mean=1.2")]
    [InlineData("loss.mean=", "loss.mean=1.2")]
    [InlineData("loss.mean=high", "high")]
    [InlineData("loss.mean=NaN", "NaN")]
    [InlineData("=1", "loss.mean=1.2")]
    public void A_threshold_that_cannot_be_meant_is_known_before_the_data_are_looked_at(string threshold, string named)
    {
        var outcome = Dloss.Run("evaluate", "missing.parquet", "--fail-above", threshold);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Contains(named, Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void A_top_k_that_the_classes_rule_out_is_known_before_the_run()
    {
        var outcome = Dloss.Run("evaluate", Fixtures.PathOf("known/duckdb_f64.parquet"), "--fail-below", "accuracy.top5=0.5");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("accuracy.top5 for 5 classes", Assert.Single(outcome.ErrorLines));
    }
}
