using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Losses;
using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Local;

internal abstract record WorkerMessage
{
    public sealed record Evaluate(Shard Shard, int Attempt) : WorkerMessage;

    public sealed record Release : WorkerMessage;
}

/// <summary>Evaluates one shard at a time on a thread of its own, and asks for the next.</summary>
/// <param name="runner">Disposed when the actor ends, however it does.</param>
internal sealed class WorkerActor(
    string name, ShardRunner runner, CoordinatorActor coordinator, TotalsPool pool, LocalEngineOptions options)
    : Actor<WorkerMessage>, IShardObserver
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    private volatile int _abandoned = -1;
    private volatile bool _released;
    private int _shard = -1;
    private long _lastReport;
    private long _requests;

    public string Name => name;

    /// <summary>Tells the coordinator that the worker is there and free; once, before it starts.</summary>
    public void Join()
    {
        coordinator.Tell(new CoordinatorInput.WorkerJoined(name));
        RequestWork();
    }

    /// <summary>Stops the shard under way; may be called from any thread.</summary>
    public void Abandon(int shard) => _abandoned = shard;

    /// <summary>Stops whatever is under way, and then the worker; may be called from any thread.</summary>
    public void Release()
    {
        _released = true;
        Tell(new WorkerMessage.Release());
    }

    bool IShardObserver.MayContinue(long rowsDone)
    {
        options.OnShardProgress?.Invoke(name, _shard, rowsDone);
        if (_released || _abandoned == _shard)
        {
            return false;
        }

        if (Stopwatch.GetElapsedTime(_lastReport) >= ReportInterval)
        {
            _lastReport = Stopwatch.GetTimestamp();
            coordinator.Tell(new CoordinatorInput.ShardProgressed(name, _shard, rowsDone));
        }

        return true;
    }

    protected override void Receive(WorkerMessage message)
    {
        switch (message)
        {
            case WorkerMessage.Evaluate evaluate:
                Evaluate(evaluate.Shard, evaluate.Attempt);
                break;
            case WorkerMessage.Release:
                Stop();
                break;
            default:
                throw new ArgumentException($"unknown message {message.GetType().Name}", nameof(message));
        }
    }

    protected override void OnEnded() => runner.Dispose();

    private void Evaluate(Shard shard, int attempt)
    {
        if (_released)
        {
            return;
        }

        // An Abandon for this shard may be here before it: a shard that was abandoned is never assigned again.
        _shard = shard.Index;
        _lastReport = Stopwatch.GetTimestamp();
        var totals = pool.Rent();

        // An exception is a fault of the program: it ends the actor, and its supervisor starts another.
        var outcome = runner.Run(shard, totals, this, options.Losses is { } file ? file.NewPart : null);
        if (outcome is ShardOutcome.Finished finished)
        {
            coordinator.Tell(new CoordinatorInput.ShardFinished(name, finished.Result));
        }
        else
        {
            pool.Return(totals);
        }

        if (Failure(outcome) is { } failure)
        {
            coordinator.Tell(new CoordinatorInput.ShardFailed(name, shard.Index, attempt, failure));
        }

        RequestWork();
    }

    private void RequestWork() => coordinator.Tell(new CoordinatorInput.WorkRequested(name, ++_requests));

    // All workers see the same files: one that is missing is missing for good.
    private static ShardFailure? Failure(ShardOutcome outcome) => outcome switch
    {
        ShardOutcome.Failed failed => failed.Failure,
        ShardOutcome.NoInput missing => new ShardFailure(missing.Message, Deterministic: true),
        _ => null,
    };
}
