using System.Text;
using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>Workers that cannot do a run's work say so and leave it to others.</summary>
[Collection(ClusterSetup.Name)]
public sealed class StrangeWorkerTests(ClusterSetup setup) : IDisposable
{
    private const string OtherVersion = "9.8.7";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task One_of_another_version_takes_no_work()
    {
        string line = await BesideAGoodOneAsync(setup.Cluster.StartWorker(assembly: OfAnotherVersion()), OtherVersion);
        Assert.Contains(ThisVersion, line, StringComparison.Ordinal);
    }

    [BrokerFact(Needs.Mounts)]
    public async Task One_that_lacks_the_files_takes_no_work()
    {
        string first = Path.Combine(_folder.PathOf("dump"), "0000.parquet");
        Directory.CreateDirectory(_folder.PathOf("dump"));
        await BesideAGoodOneAsync(setup.Cluster.StartWorker(Mounts.Hiding(_folder.PathOf("dump"))), first);
    }

    private static string ThisVersion { get; } = typeof(Coordination.RunLedger).Assembly.GetName().Version!.ToString(3);

    /// <returns>What the strange one says of the run.</returns>
    private async Task<string> BesideAGoodOneAsync(DlossProcess strange, string reason)
    {
        await using var _ = strange;
        var dump = await Dump.LinkAsync(await Dump.GenerateAsync(_folder.PathOf("one.parquet"), rows: 400, classes: 10), _folder.PathOf("dump"), links: 20, shardBytes: 1 << 30);
        await using var coordinator = setup.Cluster.StartCoordinator(dump, _folder.PathOf("run"));
        // Nobody else is there yet: it hears of the run, and does nothing.
        string line = await strange.UntilAsync(l => LogEvent.Parse(l) is { Name: "RunRefused" } refused && refused.Text("reason").Contains(reason, StringComparison.Ordinal), Deadline);
        await using var good = setup.Cluster.StartWorker();
        var outcome = await coordinator.EndAsync(Deadline);
        Assert.Empty(RoundCheck.Violations(outcome, dump, _folder.PathOf("run")));
        Assert.False(strange.HasExited, strange.Log.Text);
        var assigned = outcome.ErrorLines.Select(LogEvent.Parse).Where(e => e?.Name == "ShardAssigned").Select(e => e!.Value.Text("worker")).ToArray();
        Assert.NotEmpty(assigned);
        Assert.All(assigned, w => Assert.Contains($"-{good.Id}-", w, StringComparison.Ordinal));
        return line;
    }

    /// <summary>A copy of the program whose metadata has another version, and nothing else is different.</summary>
    private string OfAnotherVersion()
    {
        string folder = Directory.CreateDirectory(_folder.PathOf("other")).FullName;
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory).Where(f => Path.GetExtension(f) is ".dll" or ".json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        string core = Path.Combine(folder, "DistributedLoss.dll");
        byte[] bytes = File.ReadAllBytes(core), mine = Encoding.UTF8.GetBytes(ThisVersion), other = Encoding.UTF8.GetBytes(OtherVersion);
        Assert.Equal(mine.Length, other.Length);
        int found = 0;
        for (int at; (at = bytes.AsSpan().IndexOf(mine)) >= 0; found++)
        {
            other.CopyTo(bytes, at);
        }

        Assert.NotEqual(0, found);
        File.WriteAllBytes(core, bytes);
        return Path.Combine(folder, Path.GetFileName(DlossProcess.Assembly));
    }
}
