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
    private readonly List<DlossProcess> _workers = [];
    private readonly Lock _gate = new();
    private int _deaths;

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task It_fails_the_run_after_its_deliveries_and_the_rest_is_kept()
    {
        // A file is a shard: long enough to be caught at it.
        string file = await Dump.GenerateAsync(_folder.PathOf("dump.parquet"), rowGroups: 1);
        var dump = await Dump.LinkAsync(file, _folder.PathOf("dump"), links: 6, shardBytes: 1 << 30);
        try
        {
            StartWorker();
            StartWorker();
            await using var coordinator = setup.Cluster.StartCoordinator(dump, _folder.PathOf("run"));
            var outcome = await coordinator.EndAsync(Deadline);
            Assert.True(outcome.ExitCode == 4, outcome.ToString());
            Assert.Empty(outcome.Output);
            string reason = LogEvent.Parse(Assert.Single(outcome.ErrorLines, LogEvent.Is("RunFailed")))!.Value.Text("reason");
            Assert.Contains(Path.Combine(dump.Folder, $"{Deadly:0000}.parquet"), reason, StringComparison.Ordinal);
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
        lock (_gate)
        {
            DlossProcess? worker = null;
            worker = setup.Cluster.StartWorker(Nice, onLine: line =>
            {
                if (LogEvent.Parse(line) is { Name: "ShardTaken" } taken && taken.Integer("shard") == Deadly)
                {
                    lock (_gate)
                    {
                        worker!.Send(Signal.Kill);
                        _deaths++;
                        StartWorker();
                    }
                }
            });
            _workers.Add(worker);
        }
    }
}
