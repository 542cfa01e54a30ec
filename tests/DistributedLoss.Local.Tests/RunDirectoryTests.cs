using System.Text;
using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Results;
using DistributedLoss.Runs;
using DistributedLoss.Tests;

namespace DistributedLoss.Local.Tests;

/// <summary>A run that is cut short and continued, with other workers, has the result of one that was not.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-run-");

    public RunDirectoryTests() => OptionFamily.Of("all statistics").Dump().Write(Dump, groupRows: 1);

    private string Run => Path.Combine(_folder.FullName, "run");

    private string Dump => Path.Combine(_folder.FullName, "dump.parquet");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(3, 2, 7)]
    [InlineData(5, 7, 1)]
    public async Task A_run_cancelled_after_some_shards_is_continued_to_the_same_result(int shards, int workers, int workersThen)
    {
        using var cancel = new CancellationTokenSource();
        var events = new List<RunEvent>();
        int finished = 0;
        void CancelAfterSome(RunEvent e)
        {
            if (e is RunEvent.ShardFinished && ++finished == shards)
            {
                cancel.Cancel();
            }
        }

        var outcome = await RunAsync(workers, resume: false, CancelAfterSome, cancel.Token);
        Assert.IsType<RunOutcome.Cancelled>(outcome);

        outcome = await RunAsync(workersThen, resume: true, events.Add);
        string uninterrupted = Text(await new LocalEngine(new LocalEngineOptions { Workers = 2 }).RunAsync(Plan(), _ => { }));
        Assert.Equal(uninterrupted, Text(outcome));

        // What was journalled is not evaluated again.
        var resumed = Assert.Single(events.OfType<RunEvent.RunResumed>());
        Assert.Equal(finished, resumed.ShardsDone);
        Assert.Equal(resumed.Shards - resumed.ShardsDone, events.OfType<RunEvent.ShardFinished>().Count());

        // And of a run that is complete, nothing is.
        events.Clear();
        Assert.Equal(uninterrupted, Text(await RunAsync(workers, resume: true, events.Add)));
        Assert.Empty(events.OfType<RunEvent.ShardAssigned>());
    }

    [Fact]
    public async Task Nobody_hears_of_a_result_before_it_is_in_the_journal()
    {
        int told = 0, shards = Plan().Shards.Count;
        var ahead = new List<string>();
        void Listen(RunEvent e)
        {
            told += e is RunEvent.ShardFinished ? 1 : 0;
            if (told > Kept())
            {
                ahead.Add($"{e.GetType().Name} after {told} shards, with {Kept()} in the journal");
            }
        }

        var progress = new Listener(p =>
        {
            if (p.ShardsDone > Kept())
            {
                ahead.Add($"progress of {p.ShardsDone} shards, with {Kept()} in the journal");
            }
        });
        using var directory = RunDirectory.Open(Run, resume: false);
        await new LocalEngine(new LocalEngineOptions { Workers = 3, RunDirectory = directory }).RunAsync(Plan(), Listen, progress).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.Empty(ahead);
        Assert.Equal((shards, shards), (told, Kept()));
    }

    [Fact]
    public async Task A_result_that_cannot_be_kept_ends_the_run()
    {
        if (!File.Exists("/dev/full"))
        {
            return;
        }

        using (var directory = RunDirectory.Open(Run, resume: false))
        {
            directory.Begin(Plan(), new RunLedger(Plan().Shards.Count, Plan().NewTotals));
        }

        File.Delete(Path.Combine(Run, RunDirectory.JournalName));
        File.CreateSymbolicLink(Path.Combine(Run, RunDirectory.JournalName), "/dev/full");
        var e = await Assert.ThrowsAsync<IOException>(() => RunAsync(2, resume: true, _ => { }));
        Assert.Contains("cannot be kept", e.Message, StringComparison.Ordinal);
    }

    private RunPlan Plan()
    {
        var plan = RunPlan.Create([Dump], OptionFamily.Of("all statistics").Options, new PlanOptions { ShardBytes = 1 });
        Assert.True(plan.Shards.Count > 3 * JournalWriter.MaxWaiting, $"a run of {plan.Shards.Count} shards may end before it hears that it is cancelled");
        return plan;
    }

    private int Kept()
    {
        using var reader = new StreamReader(new FileStream(Path.Combine(Run, RunDirectory.JournalName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private async Task<RunOutcome> RunAsync(int workers, bool resume, Action<RunEvent> onEvent, CancellationToken cancel = default)
    {
        using var directory = RunDirectory.Open(Run, resume);
        return await new LocalEngine(new LocalEngineOptions { Workers = workers, RunDirectory = directory })
            .RunAsync(Plan(), onEvent, null, cancel).WaitAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
    }

    /// <summary>The result's JSON, without what is no function of data and options.</summary>
    private static string Text(RunOutcome outcome)
    {
        using var stream = new MemoryStream();
        ResultJson.Write(stream, Assert.IsType<RunOutcome.Completed>(outcome).Result);
        var json = JsonNode.Parse(Encoding.UTF8.GetString(stream.ToArray()))!.AsObject();
        foreach (string name in (string[])["shards", "timing", "environment"])
        {
            Assert.True(json.Remove(name), $"the result has no {name}");
        }

        return json.ToJsonString();
    }

    private sealed class Listener(Action<RunProgress> report) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => report(value);
    }
}
