using System.Collections.Concurrent;
using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>A shard that kills whoever takes it is not tried for ever, and its neighbours are not blamed.</summary>
[Collection(ClusterSetup.Name)]
public sealed class DeadlyShardTests(ClusterSetup setup) : IDisposable
{
    private const int Deadly = 1;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    // They make way for who kills them.
    private static readonly string[] Nice = ["nice", "-n", "19"];

    private readonly TempFolder _folder = new();
    private readonly ConcurrentBag<DlossProcess> _workers = [];
    private int _deaths;

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task It_fails_the_run_after_its_deliveries_and_the_rest_is_kept()
    {
        // A file is a shard, and the deadly one takes seconds: whoever kills its takers comes in time.
        string file = await Dump.GenerateAsync(_folder.PathOf("dump.parquet"), rowGroups: 1);
        string slow = await Dump.GenerateAsync(_folder.PathOf("slow.parquet"), rows: 200_000, rowGroups: 1);
        var dump = await Dump.LinkAsync(file, _folder.PathOf("dump"), links: 6, shardBytes: 1 << 30);
        string deadly = Path.Combine(dump.Folder, $"{Deadly:0000}.parquet");
        File.Delete(deadly);
        File.CreateSymbolicLink(deadly, slow);
        try
        {
            StartWorker();
            StartWorker();
            await using var coordinator = setup.Cluster.StartCoordinator(dump, _folder.PathOf("run"));
            var outcome = await coordinator.EndAsync(Deadline);
            Assert.True(outcome.ExitCode == 4, outcome.ToString());
            Assert.Empty(outcome.Output);
            string reason = LogEvent.Parse(Assert.Single(outcome.ErrorLines, LogEvent.Is("RunFailed")))!.Value.Text("reason");
            Assert.Contains(deadly, reason, StringComparison.Ordinal);
            Assert.Contains("row group 0", reason, StringComparison.Ordinal);
            Assert.InRange(_deaths, 3, 20);
            Assert.DoesNotContain(Deadly, RoundCheck.Journal(_folder.PathOf("run")).Select(s => s.Shard));
        }
        finally
        {
            await Task.WhenAll(_workers.Select(w => w.DisposeAsync().AsTask()));
        }
    }

    private void StartWorker()
    {
        var started = new TaskCompletionSource<DlossProcess>();
        var worker = setup.Cluster.StartWorker(Nice, onLine: line =>
        {
            if (LogEvent.Parse(line) is { Name: "ShardTaken" } taken && taken.Integer("shard") == Deadly)
            {
                started.Task.GetAwaiter().GetResult().Send(Signal.Kill);
                Interlocked.Increment(ref _deaths);
                StartWorker();
            }
        });
        _workers.Add(worker);
        started.SetResult(worker);
    }
}
