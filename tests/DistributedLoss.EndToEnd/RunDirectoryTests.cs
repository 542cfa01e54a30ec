using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DistributedLoss.EndToEnd;

/// <summary>A process that is killed with SIGKILL in mid-run loses nothing that counted: --resume goes on to the same JSON.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    private const int SigKill = 9;
    private const int Links = 400;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_run_is_continued_to_the_same_result()
    {
        Generate();
        string[] options = ["evaluate", _folder.PathOf("links"), "--statistics", "all", "--format", "json", "--log-format", "json"];
        string run = _folder.PathOf("run");
        var whole = Dloss.Run([.. options, "--workers", "2"]);
        Assert.True(whole.ExitCode == 0, whole.Error[^Math.Min(2000, whole.Error.Length)..]);

        long done = 0;
        foreach (int workers in (int[])[2, 1])
        {
            using var killed = Dloss.Start(new Dictionary<string, string>(), [.. options, "--run-dir", run, "--resume", "--workers", $"{workers}"]);
            await killed.Until(line => EventOf(line) == "ShardFinished");
            Assert.Equal(0, Kill(killed.Id, SigKill));
            var outcome = killed.Wait();
            Assert.NotEqual(0, outcome.ExitCode);
            Assert.Empty(outcome.Output);
            if (workers == 1)
            {
                done = Resumed(outcome);
                Assert.InRange(done, 1, Links - 1);
            }
        }

        var resumed = Dloss.Run([.. options, "--run-dir", run, "--resume", "--workers", "3"]);
        Assert.True(resumed.ExitCode == 0, resumed.Error[^Math.Min(2000, resumed.Error.Length)..]);
        Assert.InRange(Resumed(resumed), done + 1, Links - 1);
        Assert.Equal(Text(whole), Text(resumed));

        // A complete run is printed again.
        var again = Dloss.Run([.. options, "--run-dir", run, "--resume"]);
        Assert.Equal(Links, Resumed(again));
        Assert.Equal(Text(whole), Text(again));
    }

    [Fact]
    public void A_run_directory_is_refused_in_one_line_where_it_cannot_be_used()
    {
        string dump = _folder.Copy(Fixtures.PathOf("coarse/duckdb_list_none.parquet"), "dump.parquet");
        string run = _folder.PathOf("run");
        Assert.Equal(0, Dloss.Run("evaluate", dump, "--run-dir", run).ExitCode);
        Refused(2, "continue it with --resume", "evaluate", dump, "--run-dir", run);
        Refused(2, "name its directory with --run-dir", "evaluate", dump, "--resume");
        Refused(2, "--losses with --run-dir", "evaluate", dump, "--run-dir", run, "--losses", _folder.PathOf("losses.parquet"));
        Refused(2, "names the same file", "evaluate", dump, "--run-dir", run, "--output", Path.Combine(run, "shards.jsonl"));
        Refused(2, "begun with --ignore-index -100, not 3", "evaluate", dump, "--run-dir", run, "--resume", "--ignore-index", "3");
        Refused(2, "cannot be written", "evaluate", dump, "--run-dir", dump);

        using (new FileStream(Path.Combine(run, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Refused(4, "another process runs there", "evaluate", dump, "--run-dir", run, "--resume");
        }

        string manifest = Path.Combine(run, "manifest.json");
        string text = File.ReadAllText(manifest);
        File.WriteAllText(manifest, text[..^20]);
        Refused(4, "no manifest of a run", "evaluate", dump, "--run-dir", run, "--resume");
        File.WriteAllText(manifest, text);
        File.SetLastWriteTimeUtc(dump, DateTime.UnixEpoch);
        Refused(3, $"{dump}: changed since the run was begun", "evaluate", dump, "--run-dir", run, "--resume");
    }

    private static void Refused(int exitCode, string why, params string[] arguments)
    {
        var outcome = Dloss.Run(arguments);
        Assert.True(outcome.ExitCode == exitCode, $"exit code {outcome.ExitCode}, not {exitCode}, of {outcome}");
        Assert.Empty(outcome.Output);
        Assert.Contains(why, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    // One small file under many names: each is a shard.
    private void Generate() => LinkedDump.Write(_folder, Links, 20_000, 100);

    private static long Resumed(Outcome outcome) =>
        JsonDocument.Parse(Assert.Single(outcome.ErrorLines, line => EventOf(line) == "RunResumed")).RootElement.Count("shardsDone");

    private static string Text(Outcome outcome)
    {
        var json = JsonNode.Parse(outcome.Output)!.AsObject();
        foreach (string name in (string[])["shards", "timing", "environment"])
        {
            Assert.True(json.Remove(name), $"the result has no {name}");
        }

        return json.ToJsonString();
    }

    // A line may be cut where the process was killed.
    private static string? EventOf(string line)
    {
        try
        {
            return line.StartsWith('{') && JsonDocument.Parse(line).RootElement.TryGetProperty("event", out var name) ? name.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
