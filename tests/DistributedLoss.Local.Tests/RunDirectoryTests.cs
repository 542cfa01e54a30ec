using System.Text;
using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Local.Tests;

/// <summary>A run that is cut short and continued, with other workers, has the result of one that was not.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-run-");

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

    private string Run => Path.Combine(_folder.FullName, "run");

    private static string Fixture(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistributedLoss.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "tests", "fixtures", name);
    }

    private static RunPlan Plan()
    {
        var plan = RunPlan.Create(
            [Fixture("coarse/duckdb_list_none.parquet"), Fixture("coarse/arrow_list_v1_pages_groups.parquet")],
            new EvaluationOptions { Statistics = StatisticKinds.All },
            new PlanOptions { ShardBytes = 1 });
        Assert.True(plan.Shards.Count > 8, $"{plan.Shards.Count} shards are too few for this test");
        return plan;
    }

    private async Task<RunOutcome> RunAsync(int workers, bool resume, Action<RunEvent> onEvent, CancellationToken cancel = default)
    {
        using var directory = RunDirectory.Open(Run, resume);
        return await new LocalEngine(new LocalEngineOptions { Workers = workers, RunDirectory = directory })
            .RunAsync(Plan(), onEvent, null, cancel).WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
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
}
