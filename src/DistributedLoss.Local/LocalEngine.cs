using System.Collections.Concurrent;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Local;

/// <summary>Runs a plan inside this process: one coordinator, and workers on threads of their own, all actors that share nothing but messages.</summary>
public sealed class LocalEngine(LocalEngineOptions options) : IEngine
{
    public const string EngineName = "local";

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    public string Name => EngineName;

    /// <inheritdoc/>
    public async Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, "workers");
        var run = new EngineRun(plan, Name, options.Workers, options.Coordinator, options.RunDirectory, onEvent);
        var last = await SuperviseAsync(plan, run, onEvent, progress, cancel).ConfigureAwait(false);
        return run.End(last, options.Workers);
    }

    /// <summary>Starts the actors, replaces workers that die, and returns when all have ended.</summary>
    private async Task<CoordinatorOutput> SuperviseAsync(
        RunPlan plan, EngineRun run, Action<RunEvent> onEvent, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var workers = new ConcurrentDictionary<string, WorkerActor>();
        var pool = new TotalsPool(plan.NewTotals);
        var coordinatorActor = new CoordinatorActor(run, pool, onEvent, progress)
        {
            FindWorker = name => workers.GetValueOrDefault(name),
            FindShard = index => plan.Shards[index],
        };
        var losses = options.Losses is { } file ? new LossActor(file, coordinatorActor.Abort) : null;
        var journal = new JournalWriter(options.RunDirectory, coordinatorActor.Abort);
        await using var safe = journal.ConfigureAwait(false);
        coordinatorActor.Losses = losses;
        coordinatorActor.Journal = journal;
        losses?.Start(ownThread: true);
        coordinatorActor.Start(ownThread: false);
        int hired = 0;

        async Task EmployAsync()
        {
            while (!coordinatorActor.Outcome.IsCompleted)
            {
                WorkerActor worker;
                try
                {
                    worker = new WorkerActor($"worker-{Interlocked.Increment(ref hired)}", new ShardRunner(plan), coordinatorActor, pool, options);
                    workers[worker.Name] = worker;
                    worker.Join();
                    worker.Start(ownThread: true);
                }
                catch (Exception e)
                {
                    // No memory, or no thread: without this, a run whose last worker cannot be hired would wait for ever.
                    coordinatorActor.Abort(e);
                    return;
                }

                if (coordinatorActor.Outcome.IsCompleted)
                {
                    // It was hired while the run ended, and a coordinator that failed answers nobody.
                    worker.Release();
                }

                string reason = "released";
                try
                {
                    await worker.Completion.ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    reason = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
                }

                workers.TryRemove(worker.Name, out _);
                coordinatorActor.Tell(new CoordinatorInput.WorkerLeft(worker.Name, reason));
                if (reason == "released")
                {
                    return;
                }
            }
        }

        // Listening comes before hiring: whoever cancels from inside a shard is heard before that shard's result.
        using var registration = cancel.Register(() => coordinatorActor.Tell(new CoordinatorInput.Cancel()));
        Task[] staff = [.. Enumerable.Range(0, options.Workers).Select(_ => EmployAsync())];
        using var ticker = new Timer(_ => coordinatorActor.Tell(new CoordinatorInput.Tick()), null, TickInterval, TickInterval);
        bool completed = false;
        try
        {
            var outcome = await coordinatorActor.Outcome.ConfigureAwait(false);
            completed = outcome is CoordinatorOutput.Completed;
            return outcome;
        }
        finally
        {
            foreach (var worker in workers.Values)
            {
                worker.Release();
            }

            await Task.WhenAll(staff).ConfigureAwait(false);
            await coordinatorActor.EndAsync().ConfigureAwait(false);
            if (losses is not null)
            {
                await losses.EndAsync(giveUp: !completed).ConfigureAwait(false);
            }
        }
    }
}
