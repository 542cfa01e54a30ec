namespace DistributedLoss.Cli.Tests.Commands;

/// <summary><c>evaluate --report</c> and <c>dloss report</c>.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _dump;

    public ReportTests() => _dump = Dumps.Synthetic(_folder);

    [Fact]
    public async Task A_result_read_back_has_the_same_page()
    {
        var run = await CliRunner.RunAsync("evaluate", _dump, "--report", _folder["run.html"], "--output", _folder["result.json"], "--shard-bytes", "1000");
        Assert.Equal(ExitCode.Done, run.ExitCode);
        var report = await CliRunner.RunAsync("report", _folder["result.json"]);
        Assert.Equal((ExitCode.Done, $"{_folder["result.html"]}\n", ""), (report.ExitCode, report.Out, report.Error));
        Assert.Equal(await File.ReadAllBytesAsync(_folder["run.html"]), await File.ReadAllBytesAsync(_folder["result.html"]));
        Assert.Contains("Shards by worker", await File.ReadAllTextAsync(_folder["result.html"]), StringComparison.Ordinal);

        var named = await CliRunner.RunAsync("report", _folder["result.json"], "--output", _folder["named.html"]);
        Assert.Equal($"{_folder["named.html"]}\n", named.Out);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["run.html"]), await File.ReadAllBytesAsync(_folder["named.html"]));
    }

    [Fact]
    public async Task A_result_of_a_version_without_history_still_has_a_page()
    {
        await EvaluateAsync("--output", _folder["result.json"]);
        string json = await File.ReadAllTextAsync(_folder["result.json"]);
        int from = json.IndexOf(",\n    \"history\"", StringComparison.Ordinal), to = json.IndexOf("\n  },\n  \"timing\"", StringComparison.Ordinal);
        _folder.Write("old.json", json.Remove(from, to - from));
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("report", _folder["old.json"])).ExitCode);
        Assert.Contains("does not tell which worker", await File.ReadAllTextAsync(_folder["old.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_continued_says_what_was_done_before()
    {
        await EvaluateAsync("--run-dir", _folder["run"]);
        await EvaluateAsync("--run-dir", _folder["run"], "--resume", "--report", _folder["page.html"]);
        Assert.Contains("6 of 6 shards were done by an earlier process", await File.ReadAllTextAsync(_folder["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missed_threshold_has_its_page_too()
    {
        var run = await CliRunner.RunAsync("evaluate", _dump, "--fail-above", "loss.mean=0", "--report", _folder["page.html"]);
        Assert.Equal(ExitCode.ThresholdMissed, run.ExitCode);
        Assert.True(File.Exists(_folder["page.html"]));
    }

    [Fact]
    public async Task A_failed_run_leaves_what_was_there()
    {
        _folder.Write("page.html", "before");
        Assert.Equal(ExitCode.BadInput, (await CliRunner.RunAsync("evaluate", _folder.Write("x.parquet", "no Parquet"), "--report", _folder["page.html"])).ExitCode);
        Assert.Equal("before", await File.ReadAllTextAsync(_folder["page.html"]));
    }

    [Fact]
    public async Task Nothing_is_overwritten_that_is_read_or_written_besides()
    {
        Assert.Contains("is also an input", (await CliRunner.RunAsync("evaluate", _dump, "--report", _dump)).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("names the same file", (await CliRunner.RunAsync("evaluate", _dump, "--report", _folder["x"], "--output", _folder["x"])).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("--report", (await CliRunner.RunAsync("evaluate", _dump, "--report", _folder["no/such/folder.html"])).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);

        await EvaluateAsync("--output", _folder["result.html"]);
        Assert.Contains("is the result itself", (await CliRunner.RunAsync("report", _folder["result.html"])).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_result_is_refused_in_one_line()
    {
        Assert.Contains("no such file", (await CliRunner.RunAsync("report", _folder["none.json"])).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
        Assert.Contains("no result of dloss", (await CliRunner.RunAsync("report", _folder.Write("other.json", "{}"))).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["other.html"]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task EvaluateAsync(params string[] options)
    {
        var run = await CliRunner.RunAsync(["evaluate", _dump, .. options]);
        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
    }
}
