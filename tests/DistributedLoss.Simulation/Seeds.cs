using System.Diagnostics;
using DistributedLoss.Simulation.Mutants;
using DistributedLoss.Simulation.World;

namespace DistributedLoss.Simulation;

/// <summary>What many seeds came to.</summary>
/// <param name="Failure">Of the lowest seed that has one.</param>
internal sealed record SeedsReport(long Seeds, Coverage Coverage, TimeSpan Elapsed, Replay? Failure);

internal static class Seeds
{
    private const int Block = 250;
    private static readonly HashSet<int> None = [];

    /// <param name="mutant">One a run.</param>
    /// <param name="onProgress">Told of the seeds that are done.</param>
    public static SeedsReport Run(long from, long count, Func<Mutant> mutant, Action<long>? onProgress = null)
    {
        long began = Stopwatch.GetTimestamp();
        var coverage = new Coverage();
        long done = 0;
        (Scenario Scenario, string Violation)? first = null;
        Parallel.For(0, (count + Block - 1) / Block, (block, loop) =>
        {
            var own = new Coverage();
            long end = Math.Min(count, (block + 1) * Block);
            for (long seed = from + (block * Block); seed < from + end && !loop.ShouldExitCurrentIteration; seed++)
            {
                var scenario = Scenario.Draw(seed);
                string? violation = Replay.Try(scenario, mutant(), None, out var run);
                own.Add(run.Coverage);
                if (violation is not null)
                {
                    lock (coverage)
                    {
                        if (first is null || scenario.Seed < first.Value.Scenario.Seed)
                        {
                            first = (scenario, violation);
                        }
                    }

                    loop.Break();
                    break;
                }
            }

            lock (coverage)
            {
                coverage.Add(own);
                done += end - (block * Block);
                onProgress?.Invoke(done);
            }
        });

        var failure = first is { } failed ? Replay.Shrink(failed.Scenario, failed.Violation, mutant) : null;
        return new SeedsReport(count, coverage, Stopwatch.GetElapsedTime(began), failure);
    }
}
