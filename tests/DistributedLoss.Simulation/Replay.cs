using System.Text;
using DistributedLoss.Simulation.Mutants;
using DistributedLoss.Simulation.World;

namespace DistributedLoss.Simulation;

/// <summary>A seed whose run broke an invariant, and a smaller run that breaks one too.</summary>
/// <param name="Spared">Decisions of the smaller run that were for the good.</param>
internal sealed record Replay(Scenario Scenario, string Violation, Scenario Smaller, IReadOnlySet<int> Spared)
{
    // A run takes less than a millisecond.
    private const int MostRuns = 1000;

    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Try(Scenario scenario, Mutant mutant, IReadOnlySet<int> spared, out SimulatedRun run, bool isTraced = false, CrashPoint? crash = null)
    {
        using var simulated = run = new SimulatedRun(scenario, mutant, spared, isTraced) { CrashAt = crash };
        try
        {
            run.Run();
            return null;
        }
        catch (ViolationException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    /// <summary>Leaves out shards, workers and faults as long as anything is wrong.</summary>
    public static Replay Shrink(Scenario scenario, string violation, Func<Mutant> mutant)
    {
        IReadOnlySet<int> none = new HashSet<int>();
        var smaller = scenario;
        for (int shards = 1; shards < smaller.Shards; shards++)
        {
            var fewer = smaller with { Shards = shards, BadShards = [.. smaller.BadShards.Where(s => s < shards)] };
            if (scenario.DeadlyShard < shards != true && scenario.FailingShard < shards != true && Try(fewer, mutant(), none, out _) is not null)
            {
                smaller = fewer;
            }
        }

        for (int workers = 1; workers < smaller.Workers; workers++)
        {
            var fewer = smaller with { Workers = workers };
            if (Try(fewer, mutant(), none, out _) is not null)
            {
                smaller = fewer;
            }
        }

        return new Replay(scenario, violation, smaller, Spare(smaller, mutant));
    }

    public string Print(Func<Mutant> mutant)
    {
        var text = new StringBuilder();
        string? violation = Try(Smaller, mutant(), Spared, out var run, isTraced: true);
        text.AppendLine($"seed {Scenario.Seed}: {Violation}");
        text.AppendLine($"again: scripts/simulate --seed {Scenario.Seed} --print");
        text.AppendLine($"smaller, with {Smaller.Shards} shards, {Smaller.Workers} workers and {run.Faults.Struck.Count} faults: {violation}");
        return text.Append(run.Trace).ToString();
    }

    private static HashSet<int> Spare(Scenario scenario, Func<Mutant> mutant)
    {
        HashSet<int> spared = [];
        Try(scenario, mutant(), spared, out var run);
        var struck = run.Faults.Struck;
        int runs = 0;
        for (int size = Math.Max(1, struck.Count / 2); ; size = Math.Max(1, size / 2))
        {
            bool isSmaller = false;
            for (int start = 0; start < struck.Count && runs < MostRuns; runs++)
            {
                HashSet<int> more = [.. spared, .. struck.Skip(start).Take(size)];
                if (Try(scenario, mutant(), more, out run) is not null)
                {
                    (spared, struck, isSmaller) = (more, run.Faults.Struck, true);
                }
                else
                {
                    start += size;
                }
            }

            if (runs >= MostRuns || (size == 1 && !isSmaller))
            {
                return spared;
            }
        }
    }
}
