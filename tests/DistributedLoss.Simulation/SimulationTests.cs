using DistributedLoss.Simulation.Mutants;
using DistributedLoss.Simulation.World;

namespace DistributedLoss.Simulation;

public sealed class SimulationTests
{
    private const int CiSeeds = 10_000;

    [Fact]
    public void Whatever_is_lost_copied_late_or_dead_each_shard_counts_once_no_bit_changes_and_the_run_ends()
    {
        var report = Seeds.Run(0, CiSeeds, () => Mutant.None);
        Assert.True(report.Failure is null, report.Failure?.Print(() => Mutant.None));

        // What never happened was not tried.
        foreach (var fault in Enum.GetValues<Fault>())
        {
            Assert.True(report.Coverage[fault] > 100, $"{fault}: {report.Coverage[fault]} times in {CiSeeds} seeds");
        }

        string[] effects =
        [
            "ShardDuplicated", "ShardSpeculated", "ShardRetried", "shard abandoned", "stale assignment", "message overtaken", "message to nobody",
            "torn lines dropped", "crash between journal and count", "shards resumed", "Cancelled", "Completed", "Failed", "results that differ", "results lost with the coordinator",
            "ShardDead", "ShardReturned", "shard redelivered", "report stored again", "offer lost with its connection",
        ];
        foreach (string effect in effects)
        {
            Assert.True(report.Coverage[effect] > 50, $"{effect}: {report.Coverage[effect]} times in {CiSeeds} seeds");
        }
    }

    [Fact]
    public void Each_seed_is_one_schedule()
    {
        for (long seed = 0; seed < 50; seed++)
        {
            Assert.Equal(TraceOf(seed), TraceOf(seed));
        }

        Assert.NotEqual(TraceOf(1), TraceOf(2));
    }

    [Fact]
    public void The_same_holds_with_a_run_directory_on_the_disk()
    {
        for (long seed = 0; seed < 25; seed++)
        {
            var scenario = Scenario.Draw(seed) with { Journalling = Journalling.RunDirectory };
            string? violation = Replay.Try(scenario, Mutant.None, new HashSet<int>(), out var run, isTraced: true);
            Assert.True(violation is null, $"seed {seed}, run directory: {violation}\n{run.Trace}");
        }
    }

    private static string TraceOf(long seed)
    {
        Replay.Try(Scenario.Draw(seed), Mutant.None, new HashSet<int>(), out var run, isTraced: true);
        return run.Trace.ToString();
    }
}
