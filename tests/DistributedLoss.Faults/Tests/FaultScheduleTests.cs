using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>A seed is a schedule: a round that failed can be run again.</summary>
public class FaultScheduleTests
{
    [Fact]
    public void Equal_seeds_give_equal_faults_and_others_others()
    {
        Assert.Equal(FaultSchedule.Of(7, FaultKinds.All).Faults, FaultSchedule.Of(7, FaultKinds.All).Faults);
        Assert.NotEqual(FaultSchedule.Of(7, FaultKinds.All).Faults, FaultSchedule.Of(8, FaultKinds.All).Faults);
    }

    [Fact]
    public void What_a_fault_does_is_the_same_alone_as_among_others()
    {
        var all = FaultSchedule.Of(7, FaultKinds.All);
        foreach (var kind in FaultKinds.All.Split().Where(k => k != FaultKinds.Workers))
        {
            Assert.Equal(all.Faults.Where(f => f.Kind == kind), FaultSchedule.Of(7, kind).Faults);
        }
    }

    [Fact]
    public void The_coordinator_goes_at_a_third_and_at_two_thirds() =>
        Assert.Equal([1 / 3.0, 2 / 3.0], FaultSchedule.Of(7, FaultKinds.Coordinator).Faults.Select(f => f.At));

    [Fact]
    public void No_worker_is_stopped_and_cut_off_at_once()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var faults = FaultSchedule.Of(seed, FaultKinds.Pause | FaultKinds.Link).Faults;
            Assert.Equal(2, faults.Select(f => f.Worker).Distinct().Count());
        }
    }
}
