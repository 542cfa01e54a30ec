using DistributedLoss.Simulation.Mutants;
using DistributedLoss.Simulation.World;

namespace DistributedLoss.Simulation;

/// <summary>A coordinator that dies once, at each point of a run: ahead of each thing that it does, after the last, and in the middle of each line.</summary>
public sealed class EveryStepTests
{
    private const int Schedules = 25;
    private static readonly HashSet<int> None = [];

    [Fact]
    public void A_coordinator_that_dies_anywhere_is_continued_from_the_journal_to_the_same_bits()
    {
        int runs = 0;
        for (int seed = 0; seed < Schedules; seed++)
        {
            var drawn = Scenario.Draw(seed);
            double[] rates = [.. drawn.Rates];
            rates[(int)Fault.CoordinatorCrashed] = 0;
            var scenario = drawn with { Rates = rates, Journalling = Journalling.InMemory };
            Replay.Try(scenario, Mutant.None, None, out var whole);
            foreach (var crash in PointsOf(whole.Coordinator.Steps))
            {
                string? violation = Replay.Try(scenario, Mutant.None, None, out var run, crash: crash);
                Assert.True(violation is null, $"seed {seed}, {crash}: {violation}\n{Traced(scenario, crash)}");
                runs++;
            }
        }

        Assert.True(runs > 2000, $"{runs} runs");
    }

    private static IEnumerable<CrashPoint> PointsOf(List<(int Outputs, int Journal)> steps)
    {
        for (int step = 0; step < steps.Count; step++)
        {
            for (int output = 0; output <= steps[step].Outputs; output++)
            {
                yield return new CrashPoint(step, output, IsTorn: false);
                if (output == steps[step].Journal)
                {
                    yield return new CrashPoint(step, output, IsTorn: true);
                }
            }
        }
    }

    private static string Traced(Scenario scenario, CrashPoint crash)
    {
        Replay.Try(scenario, Mutant.None, None, out var run, isTraced: true, crash);
        return run.Trace.ToString();
    }
}
