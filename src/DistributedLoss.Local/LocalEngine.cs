using System.Collections.Concurrent;
using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Local;

/// <summary>Runs a plan inside this process: one coordinator, and workers on threads of their own, all actors that share nothing but messages.</summary>
public sealed class LocalEngine(LocalEngineOptions options)
{
    public const string Name = "local";

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    /// <param name="onEvent">Called by one thread at a time; what it throws ends the run.</param>
    /// <param name="progress">Told about five times a second.</param>
    /// <param name="cancel">Ends the run with <see cref="RunOutcome.Cancelled"/>; work under way stops at the next tile.</param>
    public async Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, "workers");
        var started = DateTimeOffset.UtcNow;
        long began = Stopwatch.GetTimestamp();
        onEvent(new RunEvent.RunStarted(
            plan.Files.Count, plan.Shards.Count, plan.Rows, plan.Classes, Name, options.Workers, plan.Kernel.Name));
        var ledger = new RunLedger(plan.Shards.Count, plan.NewTotals);
        if (options.RunDirectory?.Begin(plan, ledger) is { } resumed)
        {
            onEvent(new RunEvent.RunResumed(resumed.Shards, plan.Shards.Count, resumed.DroppedBytes));
        }

        var coordinator = new Coordinator(plan, ledger, options.Coordinator);
        var output = await SuperviseAsync(plan, coordinator, onEvent, progress, cancel).ConfigureAwait(false);
        switch (output)
        {
            case CoordinatorOutput.Failed failed:
                return new RunOutcome.Failed(failed.Message, failed.BadInput);
            case CoordinatorOutput.Cancelled cancelled:
                return new RunOutcome.Cancelled(cancelled.Progress);
            default:
                var elapsed = Stopwatch.GetElapsedTime(began);
                var shards = new ShardFigures(plan.Shards.Count, coordinator.Retried, coordinator.Speculated, coordinator.Duplicates);
                var result = ResultBuilder.Build(plan, ledger.Totals, shards, started, elapsed, Name, options.Workers);
                foreach (var cause in InvalidCauses.All.Where(c => ledger.Totals.Rows[c] > 0))
                {
                    onEvent(new RunEvent.RowsSkipped(cause, ledger.Totals.Rows[cause]));
                }

                onEvent(new RunEvent.RunFinished(plan.Shards.Count, result.Rows.Total, result.Loss.Mean, result.Digest, elapsed.TotalSeconds));
                return new RunOutcome.Completed(result);
        }
    }

    /// <summary>Starts the actors, replaces workers that die, and returns when all have ended.</summary>
    private async Task<CoordinatorOutput> SuperviseAsync(
        RunPlan plan, Coordinator coordinator, Action<RunEvent> onEvent, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var workers = new ConcurrentDictionary<string, WorkerActor>();
        var pool = new TotalsPool(plan.NewTotals);
        var coordinatorActor = new CoordinatorActor(coordinator, pool, onEvent, progress)
        {
            RunDirectory = options.RunDirectory,
            FindWorker = name => workers.GetValueOrDefault(name),
            FindShard = index => plan.Shards[index],
        };
        var losses = options.Losses is { } file ? new LossActor(file, coordinatorActor.Abort) : null;
        coordinatorActor.Losses = losses;
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
                    worker = new WorkerActor($"worker-{Interlocked.Increment(ref hired)}", plan, new ShardEvaluator(plan), coordinatorActor, pool, options);
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
