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
    public Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) =>
        Task.Factory.StartNew(
            () => Run(plan, onEvent, progress, cancel), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private RunOutcome Run(RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, "workers");
        var run = new EngineRun(plan, Name, options.Workers, options.Coordinator, options.RunDirectory, onEvent);
        return run.End(Supervise(plan, run, onEvent, progress, cancel), options.Workers);
    }

    /// <summary>Starts the actors, and returns when all have ended.</summary>
    private CoordinatorOutput Supervise(
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
        try
        {
            coordinatorActor.Losses = losses;
            coordinatorActor.Journal = journal;
            losses?.Start();
            coordinatorActor.Start();

            // Listening comes before hiring: whoever cancels from inside a shard is heard before that shard's result.
            using var registration = cancel.Register(() => coordinatorActor.Tell(new CoordinatorInput.Cancel()));
            int hired = 0;
            var staff = new Task[options.Workers];
            for (int i = 0; i < staff.Length; i++)
            {
                staff[i] = StartEmploying(() => $"worker-{Interlocked.Increment(ref hired)}", plan, coordinatorActor, pool, workers);
            }

            bool completed = false;
            try
            {
                while (Task.WaitAny([coordinatorActor.Outcome], TickInterval) < 0)
                {
                    coordinatorActor.Tell(new CoordinatorInput.Tick());
                }

                var outcome = coordinatorActor.Outcome.GetAwaiter().GetResult();
                completed = outcome is CoordinatorOutput.Completed;
                return outcome;
            }
            finally
            {
                foreach (var worker in workers.Values)
                {
                    worker.Release();
                }

                Task.WaitAll(staff, CancellationToken.None);
                coordinatorActor.End();
                losses?.End(giveUp: !completed);
            }
        }
        finally
        {
            journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private Task StartEmploying(
        Func<string> nextName, RunPlan plan, CoordinatorActor coordinatorActor, TotalsPool pool, ConcurrentDictionary<string, WorkerActor> workers)
    {
        try
        {
            return Task.Factory.StartNew(
                () => Employ(nextName, plan, coordinatorActor, pool, workers),
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default);
        }
        catch (Exception e)
        {
            // No thread: without this, a run whose last worker cannot be hired would wait for ever.
            coordinatorActor.Abort(e);
            return Task.CompletedTask;
        }
    }

    /// <summary>One worker after another on this thread: a worker that dies is replaced, one that is released is not.</summary>
    private void Employ(
        Func<string> nextName, RunPlan plan, CoordinatorActor coordinatorActor, TotalsPool pool, ConcurrentDictionary<string, WorkerActor> workers)
    {
        while (!coordinatorActor.Outcome.IsCompleted)
        {
            WorkerActor worker;
            try
            {
                worker = new WorkerActor(nextName(), new ShardRunner(plan), coordinatorActor, pool, options);
                workers[worker.Name] = worker;
                worker.Join();
            }
            catch (Exception e)
            {
                // No memory: as without a thread.
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
                worker.Run();
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
}
