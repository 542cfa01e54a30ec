using System.Text.Json;

namespace DistributedLoss.Cli.Tests.Logging;

public class ErrorFormatTests
{
    [Theory]
    [InlineData(ExitCode.BadInput, "evaluate missing.parquet --log-format json")]
    [InlineData(ExitCode.BadInput, "evaluate missing.parquet --log-format=json --log-level fatal")]
    [InlineData(ExitCode.Usage, "evaluate missing.parquet --format xml --log-format json")]
    [InlineData(ExitCode.Usage, "evaluate missing.parquet --no-such-option --log-format json")]
    public async Task Errors_are_RunFailed_events_where_the_log_is_JSON(int exitCode, string commandLine)
    {
        var outcome = await CliRunner.RunAsync(commandLine.Split(' '));
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Equal("", outcome.Out);
        using var line = JsonDocument.Parse(Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("RunFailed", line.RootElement.GetProperty("event").GetString());
        Assert.Equal("error", line.RootElement.GetProperty("level").GetString());
        Assert.NotEqual("", line.RootElement.GetProperty("reason").GetString());
        Assert.False(line.RootElement.TryGetProperty("exception", out _));
    }

    [Fact]
    public async Task An_error_is_told_on_stderr_and_in_the_log_file()
    {
        using var folder = new TemporaryFolder();
        string log = folder["run.jsonl"];
        var outcome = await CliRunner.RunAsync("evaluate", "missing.parquet", "--log-file", log);
        Assert.StartsWith("missing.parquet: ", outcome.ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
        Assert.Matches(@"^\d\d:\d\d:\d\d error   missing.parquet: no such file", await File.ReadAllTextAsync(log));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_told_once_and_costs_the_run_nothing()
    {
        using var folder = new TemporaryFolder();
        string dump = Dumps.Of(folder, "dump.parquet", ([1, 2, 3], 0));
        var outcome = await CliRunner.RunAsync("evaluate", dump, "--log-format", "json", "--log-file", "/dev/full");
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.NotEqual("", outcome.Out);
        Assert.StartsWith(
            "dloss: warning: the log is not complete: No space left on device",
            Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }
}
