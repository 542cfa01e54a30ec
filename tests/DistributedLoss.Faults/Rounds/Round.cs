using System.Diagnostics;
using DistributedLoss.Faults.Processes;

namespace DistributedLoss.Faults.Rounds;

/// <summary>One run on a cluster under the faults of one schedule.</summary>
internal sealed class Round(Cluster cluster, FaultSchedule schedule, Dump dump, string runDirectory)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly RunLog _log = new();
    private DlossProcess? _coordinator;
    private int _kills;

    public async Task<RoundReport> RunAsync()
    {
        try
        {
            return await RunFaultyAsync();
        }
        finally
        {
            // The next round's take their places.
            await cluster.KillWorkersAsync();
        }
    }

    private async Task<RoundReport> RunFaultyAsync()
    {
        long began = Stopwatch.GetTimestamp();
        cluster.StartWorkers();
        var injector = new Injector(cluster, schedule, _log, KillCoordinator);
        using var over = new CancellationTokenSource();
        var run = CoordinateAsync();
        var faults = injector.RunAsync(over.Token);
        // A fault that cannot be made is the round's failure, and the run's end.
        var ended = faults.ContinueWith(f => f.IsFaulted ? f : run, TaskScheduler.Default).Unwrap();
        await Task.WhenAny(run, ended);
        await over.CancelAsync();
        if (!run.IsCompleted)
        {
            _coordinator!.Send(Signal.Kill);
            await run;
        }

        await faults;
        var outcome = await run;
        var elapsed = Stopwatch.GetElapsedTime(began);

        List<string> violations = [.. RoundCheck.Violations(outcome, dump, runDirectory)];
        foreach (var slot in cluster.Slots.Where(s => s.Process!.HasExited))
        {
            violations.Add($"worker {slot.Number + 1} ended by itself:\n{slot.Process!.Log.Text}");
        }

        violations.AddRange((await cluster.StopWorkersAsync()).Where(w => w.ExitCode != 0).Select(w => $"a worker that was told to stop failed: {w}"));
        return new RoundReport(schedule, _log, elapsed, injector.Happened, injector.Completed, violations)
        {
            Begun = injector.Begun,
            Digest = outcome.ExitCode == 0 ? outcome.Json.GetProperty("digest").GetString() : null,
        };
    }

    private async Task<Outcome> CoordinateAsync()
    {
        while (true)
        {
            int kills = Volatile.Read(ref _kills);
            await using var coordinator = cluster.StartCoordinator(dump, runDirectory, _log.Add);
            _coordinator = coordinator;
            var outcome = await coordinator.EndAsync(Deadline);
            if (Volatile.Read(ref _kills) == kills || outcome.ExitCode == 0)
            {
                return outcome;
            }
        }
    }

    private void KillCoordinator()
    {
        Interlocked.Increment(ref _kills);
        _coordinator!.Send(Signal.Kill);
    }
}
