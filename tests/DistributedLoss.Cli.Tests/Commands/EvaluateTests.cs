using System.Text.Json;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests.Commands;

public sealed class EvaluateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_table_and_the_JSON_tell_the_known_mean()
    {
        // PyTorch: cross_entropy of the issue's three rows, cut to three classes, in float64.
        string dump = Dumps.Of(_folder, "dump.parquet", ([-9, 5, 10], 2), ([-9, 5, 10], 1), ([-9, 5, 10], 0));
        var json = await CliRunner.RunAsync("evaluate", dump, "--format", "json");
        using var result = JsonDocument.Parse(json.Out);
        double mean = result.RootElement.GetProperty("loss").GetProperty("mean").GetDouble();
        // Softmax of [-9, 5, 10] is [5.5653e-09, 6.6929e-03, 9.9331e-01].
        Assert.Equal(-(Math.Log(5.5653e-09) + Math.Log(6.6929e-03) + Math.Log(9.9331e-01)) / 3, mean, 1e-4);
        var table = await CliRunner.RunAsync("evaluate", dump);
        Assert.Equal(ExitCode.Done, table.ExitCode);
        double sum = result.RootElement.GetProperty("loss").GetProperty("sum").GetDouble();
        Assert.Contains($"mean loss   {mean:R} nats\n            = {sum:R} nats / 3 rows\n", table.Out, StringComparison.Ordinal);
        Assert.Equal("", table.Error);
    }

    [Fact]
    public async Task The_output_file_holds_what_stdout_holds_but_for_the_time()
    {
        string dump = Dumps.Synthetic(_folder);
        var outcome = await CliRunner.RunAsync("evaluate", dump, "--format", "json", "--output", _folder["r.json"]);
        Assert.Equal(outcome.Out, await File.ReadAllTextAsync(_folder["r.json"]));
        Assert.StartsWith("{", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_number_of_workers_and_shards_of_any_size_give_the_same_result()
    {
        // Pages of 400 rows: a shard of fewer bytes than that still holds one whole.
        SyntheticDump.Write(_folder["dump.parquet"], new SyntheticOptions { Rows = 4000, Classes = 7, RowGroupRows = 2000, PageBytes = 400 * 7 * sizeof(float) });
        var (one, shards) = await ResultAsync("--workers", "1");
        Assert.Equal(2, shards);
        Assert.Equal((one, 2), await ResultAsync("--workers", "2"));
        Assert.Equal((one, 10), await ResultAsync("--workers", "7", "--shard-bytes", "1"));

        async Task<(string Result, int Shards)> ResultAsync(params string[] options)
        {
            var outcome = await CliRunner.RunAsync(["evaluate", _folder["dump.parquet"], "--format", "json", .. options]);
            Assert.Equal(ExitCode.Done, outcome.ExitCode);
            using var result = JsonDocument.Parse(outcome.Out);
            string json = string.Concat(result.RootElement.EnumerateObject().Where(p => p.Name is not ("shards" or "timing" or "environment")).Select(p => $"{p.Name}={p.Value.GetRawText()}"));
            return (json, result.RootElement.GetProperty("shards").GetProperty("total").GetInt32());
        }
    }

    [Theory]
    [InlineData("no rows: the input holds no row at all", 0)]
    [InlineData("no rows to evaluate: all 2 rows have the ignored label -100", 2)]
    public async Task Nothing_to_evaluate_is_a_result_with_a_remark(string remark, int rows)
    {
        string dump = Dumps.Of(_folder, "dump.parquet", [.. Enumerable.Repeat((new double[] { 1, 2, 3 }, -100L), rows)]);
        var table = await CliRunner.RunAsync("evaluate", dump);
        Assert.Equal(ExitCode.Done, table.ExitCode);
        Assert.Contains($"mean loss   none: {remark}", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", table.Out, StringComparison.Ordinal);
        var json = await CliRunner.RunAsync("evaluate", dump, "--format", "json");
        Assert.Equal(ExitCode.Done, json.ExitCode);
        Assert.Contains(remark, json.Error, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(json.Out);
        Assert.Equal(remark, result.RootElement.GetProperty("remark").GetString());
        Assert.Equal(JsonValueKind.Null, result.RootElement.GetProperty("loss").GetProperty("mean").ValueKind);
    }

    [Fact]
    public async Task An_invalid_row_ends_the_run_with_one_line_and_no_result()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([1, double.NaN, 3], 1));
        string line = (await CliRunner.RunAsync("evaluate", dump, "--output", _folder["r.json"])).ErrorLine(ExitCode.BadInput);
        Assert.StartsWith($"{dump}: row group 0, row 1: ", line, StringComparison.Ordinal);
        Assert.Equal([dump], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task An_infinite_loss_is_told_as_such()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, double.NegativeInfinity, 3], 1), ([1, 2, 3], 1));
        using var result = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", dump, "--format", "json")).Out);
        var loss = result.RootElement.GetProperty("loss");
        Assert.Equal("Infinity", loss.GetProperty("mean").GetString());
        Assert.Equal(1, loss.GetProperty("infinite").GetInt64());
        var table = await CliRunner.RunAsync("evaluate", dump);
        Assert.Contains("mean loss   Infinity nats\n            = Infinity nats / 2 rows\nin bits     Infinity\n", table.Out, StringComparison.Ordinal);
        Assert.Contains("p50 1.41, p90 Infinity, p99 Infinity\n", table.Out, StringComparison.Ordinal);
        Assert.Contains("1 rows give their label probability 0", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_cancelled_while_it_is_planned_has_done_nothing_and_has_no_result()
    {
        var outcome = await CliRunner.RunAsync(["evaluate", Dumps.Synthetic(_folder)], [], new CancellationToken(canceled: true));
        Assert.Equal(ExitCode.Cancelled, outcome.ExitCode);
        Assert.Equal("", outcome.Out);
        Assert.Equal("dloss: cancelled while the run was planned: nothing was evaluated", outcome.Error.TrimEnd());
    }

    [Fact]
    public async Task The_table_has_a_line_for_each_figure_that_was_asked_for_and_none_for_others()
    {
        string[] lines = ["in bits", "a byte, over", "group mean", "p50 ", "mean reciprocal rank", "calibration expected error", "Brier score", "entropy", "bias  name", "most confused", "slices by label (7)"];
        string dump = Dumps.Synthetic(_folder);
        string names = _folder.Write("names.txt", "a\nb\nc\nd\ne\nf\ng\n");
        var all = await CliRunner.RunAsync("evaluate", dump, "--statistics", "all", "--bytes", "id", "--group-by", "label", "--slice-by", "label", "--classes", names);
        Assert.Equal(ExitCode.Done, all.ExitCode);
        Assert.All(lines, line => Assert.Contains(line, all.Out, StringComparison.Ordinal));
        Assert.All(all.Out.Split('\n').Where(l => !l.StartsWith("hardest rows of ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 100));
        var none = await CliRunner.RunAsync("evaluate", dump, "--statistics", "none");
        Assert.All(lines[1..], line => Assert.DoesNotContain(line, none.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_many_slices_the_table_lists_those_with_the_highest_mean_loss()
    {
        var table = await CliRunner.RunAsync("evaluate", Dumps.Synthetic(_folder), "--slice-by", "id");
        Assert.Contains("slices by id (600): the 20 with the highest mean loss", table.Out, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", _folder["synthetic.parquet"], "--slice-by", "id", "--format", "json")).Out);
        var hardest = json.RootElement.GetProperty("hardest")[0];
        Assert.Matches($"  id\\n +1 +{hardest.GetProperty("loss").GetDouble():F5} +- +0.000 %  {hardest.GetProperty("row").GetInt64()}\\n", table.Out);
    }

    [Fact]
    public async Task Without_a_terminal_the_table_fits_80_columns_and_has_no_escapes()
    {
        var outcome = await CliRunner.RunAsync("evaluate", Dumps.Synthetic(_folder));
        Assert.DoesNotContain('\e', outcome.Out);
        Assert.All(outcome.Out.Split('\n').Where(l => !l.StartsWith("hardest rows of ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Progress_never_leaves_no_progress_event_in_any_log()
    {
        var variables = new Dictionary<string, string> { ["DLOSS_engine__progressSeconds"] = "0.1" };
        var outcome = await CliRunner.RunAsync(["evaluate", Dumps.Synthetic(_folder), "--log-format", "json", "--progress", "never"], variables);
        Assert.Contains("\"event\":\"RunFinished\"", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\"event\":\"Progress\"", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sinks_of_the_configuration_get_the_events()
    {
        string log = _folder["extra.log"];
        var variables = new Dictionary<string, string>
        {
            ["DLOSS_Serilog__Using__0"] = "Serilog.Sinks.File",
            ["DLOSS_Serilog__WriteTo__0__Name"] = "File",
            ["DLOSS_Serilog__WriteTo__0__Args__path"] = log,
            ["DLOSS_Serilog__WriteTo__0__Args__outputTemplate"] = "{Event} {Rows}{NewLine}",
        };
        var outcome = await CliRunner.RunAsync(["evaluate", Dumps.Synthetic(_folder)], variables);
        Assert.Equal("", outcome.Error);
        Assert.Contains("RunFinished 600", await File.ReadAllLinesAsync(log));
    }
}
