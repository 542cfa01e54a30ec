using System.Runtime.InteropServices;
using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>Ctrl-C ends a run cleanly: exit code 130, a line that says how far it came, nothing on stdout.</summary>
public sealed class CancellationTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Links = 2000;

    private readonly TempFolder _folder = new();

    public CancellationTests() => LinkedDump.Write(_folder, Links, 20_000, 100);

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_signal_ends_the_run_with_130_and_says_how_far_it_came(int signal)
    {
        using var run = Dloss.Start(new Dictionary<string, string>(), "evaluate", _folder.PathOf("links"), "--format", "json", "--log-format", "json");
        await run.Until(l => EventOf(l) == "ShardFinished");
        Assert.Equal(0, Kill(run.Id, signal));
        var outcome = run.Wait();

        Assert.True(outcome.ExitCode == 130, $"exit code {outcome.ExitCode}, not 130, of {outcome.Error[^Math.Min(2000, outcome.Error.Length)..]}");
        Assert.Empty(outcome.Output);
        string last = Assert.Single(outcome.ErrorLines, l => EventOf(l) == "RunCancelled");
        Assert.Equal(last, outcome.ErrorLines[^1]);
        var cancelled = JsonDocument.Parse(last).RootElement;
        Assert.Equal(Links, cancelled.Count("shards"));
        Assert.InRange(cancelled.Count("shardsDone"), 1, Links - 1);
        Assert.InRange(cancelled.Count("rowsDone"), 20_000, 20_000L * Links - 1);
        Assert.DoesNotContain(outcome.ErrorLines, l => EventOf(l) is "RunFinished" or "RunFailed");
    }

    [Fact]
    public async Task Without_a_log_one_line_says_how_far_it_came()
    {
        using var run = Dloss.Start(new Dictionary<string, string>(), "evaluate", _folder.PathOf("links"), "--log-level", "information", "--progress", "never");
        await run.Until(l => l.Contains("run started", StringComparison.Ordinal));
        Assert.Equal(0, Kill(run.Id, Interrupt));
        var outcome = run.Wait();
        Assert.Equal(130, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        string last = outcome.ErrorLines[^1];
        Assert.StartsWith("dloss: cancelled", last);
        Assert.Contains("of 2,000 shards", last);
    }

    public void Dispose() => _folder.Dispose();

    private static string? EventOf(string line) =>
        line.StartsWith('{') && JsonDocument.Parse(line).RootElement.TryGetProperty("event", out var name) ? name.GetString() : null;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
