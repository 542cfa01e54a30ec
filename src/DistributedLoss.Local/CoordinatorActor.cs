using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Losses;

namespace DistributedLoss.Local;

/// <summary>The mailbox around the <see cref="Coordinator"/>: tells it what came in and does what it answers.</summary>
internal sealed class CoordinatorActor(EngineRun run, TotalsPool pool, Action<RunEvent> onEvent, IProgress<RunProgress>? progress)
    : Actor<CoordinatorInput>
{
    private readonly TaskCompletionSource<CoordinatorOutput> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The last part that counts: no message brings a second one.
    private LossPart? _counted;

    /// <summary>Completed, Failed or Cancelled; faulted when the coordinator itself, or a listener to its events, failed.</summary>
    public Task<CoordinatorOutput> Outcome => _outcome.Task;

    /// <summary>Finds a worker by name; set before the first message. Null for one that is gone.</summary>
    public required Func<string, WorkerActor?> FindWorker { get; init; }

    /// <summary>The plan's shard by index.</summary>
    public required Func<int, Runs.Shard> FindShard { get; init; }

    /// <summary>Takes the parts of shards that count; null where nobody asks for losses.</summary>
    public LossActor? Losses { get; set; }

    /// <summary>Keeps results before they count, and tells what depends on them when they do; set before the first message.</summary>
    public JournalWriter? Journal { get; set; }

    /// <summary>Ends the run with an exception of the engine's own.</summary>
    public void Abort(Exception exception) => _outcome.TrySetException(exception);

    /// <summary>Handles what is in the mailbox already, and ends.</summary>
    public void End()
    {
        Stop();
        try
        {
            Completion.GetAwaiter().GetResult();
        }
        catch (Exception) when (_outcome.Task.IsFaulted)
        {
            // Told by Outcome already.
        }
    }

    protected override void Receive(CoordinatorInput message)
    {
        try
        {
            var now = run.Now;
            foreach (var output in run.Coordinator.Handle(message, now))
            {
                Do(output);
            }

            if (message is CoordinatorInput.ShardFinished { Result.Losses: { } part } && part != _counted)
            {
                LossFile.Drop(part);
            }

            if (message is CoordinatorInput.Tick)
            {
                Report(now);
            }
        }
        catch (Exception e)
        {
            _outcome.TrySetException(e);
            throw;
        }

        if (message is CoordinatorInput.ShardFinished finished)
        {
            // The ledger has merged, or dropped, them; what is merged has yet to be written.
            Journal!.Then(() => pool.Return(finished.Result.Totals));
        }
    }

    private void Do(CoordinatorOutput output)
    {
        switch (output)
        {
            case CoordinatorOutput.Assign assign:
                FindWorker(assign.Worker)?.Tell(new WorkerMessage.Evaluate(FindShard(assign.Shard), assign.Attempt));
                break;
            case CoordinatorOutput.Abandon abandon:
                FindWorker(abandon.Worker)?.Abandon(abandon.Shard);
                break;
            case CoordinatorOutput.Release release:
                FindWorker(release.Worker)?.Release();
                break;
            case CoordinatorOutput.Log log:
                Journal!.Then(() => onEvent(log.Event));
                break;
            case CoordinatorOutput.Journal { Result: var result }:
                Journal!.Append(result);
                if (result.Losses is { } part)
                {
                    _counted = part;
                    Losses!.Tell(part);
                }

                break;
            case CoordinatorOutput.Completed or CoordinatorOutput.Failed or CoordinatorOutput.Cancelled:
                Report(run.Now);
                Journal!.Then(() => _outcome.TrySetResult(output));
                break;
            default:
                throw new InvalidOperationException($"unknown output {output.GetType().Name}");
        }
    }

    private void Report(TimeSpan now)
    {
        if (progress is not null)
        {
            var snapshot = run.Coordinator.Snapshot(now);
            Journal!.Then(() => progress.Report(snapshot));
        }
    }
}
