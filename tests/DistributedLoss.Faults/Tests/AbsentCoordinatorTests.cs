using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>Workers go on while there is no coordinator: what they do meanwhile waits with the broker.</summary>
[Collection(ClusterSetup.Name)]
public sealed class AbsentCoordinatorTests(ClusterSetup setup) : IDisposable
{
    /// <summary>More than a coordinator takes from the broker at a time.</summary>
    private const int Shards = 200;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task What_was_done_while_it_was_away_counts_without_any_worker()
    {
        string file = await Dump.GenerateAsync(_folder.PathOf("one.parquet"), rows: 4000, classes: 100);
        var dump = await Dump.LinkAsync(file, _folder.PathOf("dump"), links: Shards / Dump.RowGroups, shardBytes: 1 << 30);
        string run = _folder.PathOf("run");
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int done = 0;
        await using (var coordinator = setup.Cluster.StartCoordinator(dump, run))
        {
            await coordinator.UntilAsync(LogEvent.Is("BrokerConnected"), Deadline);
            await using var worker = setup.Cluster.StartWorker(onLine: line =>
            {
                if (LogEvent.Parse(line)?.Name == "ShardDone" && ++done == Shards)
                {
                    last.SetResult();
                }
            });
            await worker.UntilAsync(LogEvent.Is("ShardTaken"), Deadline);
            coordinator.Send(Signal.Kill);
            await coordinator.EndAsync(Deadline);
            await last.Task.WaitAsync(Deadline);
            // Asked to stop, it waits for the broker to have its last result safe.
            worker.Send(Signal.Terminate);
            Assert.Equal(0, (await worker.EndAsync(Deadline)).ExitCode);
        }

        Assert.InRange(RoundCheck.Journal(run).Count, 0, Shards - 50);
        await using var resuming = setup.Cluster.StartCoordinator(dump, run);
        Assert.Empty(RoundCheck.Violations(await resuming.EndAsync(Deadline), dump, run));
    }
}
