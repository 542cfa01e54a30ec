using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>Short rounds of each kind; scripts/faults has the long ones.</summary>
[Collection(ClusterSetup.Name)]
public sealed class RoundTests(ClusterSetup setup)
{
    // Where others test beside us, workers that are always young would get nothing done.
    private const int Kills = 4;

    [BrokerFact]
    public Task Killed_workers_and_coordinators_lose_nothing() => HoldsAsync(1, FaultKinds.Workers | FaultKinds.Coordinator);

    [BrokerFact]
    public Task A_restarted_broker_and_a_stopped_worker_lose_nothing() => HoldsAsync(2, FaultKinds.Broker | FaultKinds.Pause);

    [BrokerFact(Needs.Network)]
    public Task A_worker_that_is_cut_off_loses_nothing() => HoldsAsync(3, FaultKinds.Link);

    private async Task HoldsAsync(int seed, FaultKinds kinds)
    {
        using var folder = new TempFolder();
        var report = await new Round(setup.Cluster, FaultSchedule.Of(seed, kinds) with { Kills = Kills }, await setup.LongDumpAsync(), folder.PathOf("run")).RunAsync();
        Assert.True(report.Held, $"{report}\n{string.Join('\n', report.Violations)}");
        Assert.InRange(report.Log.Shards, 60, int.MaxValue);
        Assert.True(kinds.Split().All(report.Begun.Contains), $"the run was over before its faults: {report}");
    }
}
