using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>Results go to stdout, everything else to stderr.</summary>
public class OutputTests
{
    private static readonly string Coarse = Fixtures.PathOf("coarse/duckdb_list_none.parquet");

    [Fact]
    public void The_table_prints_the_mean_to_its_last_digit()
    {
        var outcome = Dloss.Run("evaluate", Coarse);
        Assert.Equal(0, outcome.ExitCode);
        string mean = Dloss.Evaluate(Coarse).Mean.ToString("R", CultureInfo.InvariantCulture);
        Assert.Contains(mean, outcome.Output);
        Assert.Empty(outcome.Error);
        Assert.DoesNotContain("\u001b", outcome.Output);
    }

    [Fact]
    public void The_JSON_document_stands_alone_on_stdout_whatever_is_logged()
    {
        foreach (string[] noise in new[] { [], ["--log-format", "json"], ["--progress", "always"], new[] { "--log-level", "debug" } })
        {
            var outcome = Dloss.Evaluate([Coarse, .. noise]);
            using var document = JsonDocument.Parse(outcome.Output);
            string[] members = ["rows", "loss", "accuracy", "perClass", "hardest", "digest", "files", "options", "shards", "timing", "environment"];
            Assert.All(members, m => Assert.True(document.RootElement.TryGetProperty(m, out _), $"no {m}"));
        }
    }

    [Fact]
    public void The_output_file_holds_the_document_beside_the_table()
    {
        using var folder = new TempFolder();
        string file = folder.PathOf("result.json");
        var outcome = Dloss.Run("evaluate", Coarse, "--output", file);
        Assert.Equal(0, outcome.ExitCode);
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(Dloss.Evaluate(Coarse).Digest, document.RootElement.GetProperty("digest").GetString());
        Assert.Contains(document.RootElement.GetProperty("loss").GetProperty("mean").GetRawText(), outcome.Output);
    }

    [Fact]
    public void Infinite_losses_are_written_as_strings_and_counted()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("odd/infinite_loss.parquet"));
        Assert.Equal("Infinity", outcome.Json.GetProperty("loss").GetProperty("mean").GetString());
        Assert.Equal(1, outcome.Json.GetProperty("loss").Count("infinite"));
    }

    [Fact]
    public void Every_line_of_a_JSON_log_is_a_document_with_a_documented_event()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("coarse/arrow_list_v1_pages_groups.parquet"), "--log-format", "json");
        Assert.NotEmpty(outcome.ErrorLines);
        string documented = Repository.Read("docs/logging.md");
        var events = outcome.ErrorLines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("event").GetString()!).ToArray();
        Assert.All(events, e => Assert.Contains($"`{e}`", documented));
        Assert.Superset(new HashSet<string>(["RunStarted", "WorkerJoined", "ShardAssigned", "ShardFinished", "RunFinished"]), events.ToHashSet());
    }

    [Fact]
    public void A_log_file_takes_the_log_and_leaves_stderr_empty()
    {
        using var folder = new TempFolder();
        string file = folder.PathOf("run.jsonl");
        var outcome = Dloss.Evaluate(Coarse, "--log-format", "json", "--log-file", file, "--progress", "never");
        Assert.Empty(outcome.Error);
        string[] lines = File.ReadAllLines(file);
        Assert.Contains(lines, l => JsonDocument.Parse(l).RootElement.GetProperty("event").GetString() == "RunFinished");
    }

    [Fact]
    public void Unicode_column_names_are_columns()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("odd/unicode_names.parquet"), "--logits", "логиты", "--label", "метка");
        Assert.Equal(Dloss.Evaluate(Coarse).Digest, outcome.Json.GetProperty("digest").GetString());
    }

    [Fact]
    public void Columns_beside_ours_are_left_alone() =>
        Assert.Equal(Dloss.Evaluate(Coarse).Digest, Dloss.Evaluate(Fixtures.PathOf("odd/label_and_logits_only_of_many.parquet")).Digest);
}
