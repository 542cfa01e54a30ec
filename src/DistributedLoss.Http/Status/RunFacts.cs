using DistributedLoss.Coordination;

namespace DistributedLoss.Http.Status;

/// <summary>What the events and the progress of a run add up to. For one thread at a time.</summary>
internal sealed class RunFacts
{
    public RunState State { get; private set; }

    public RunEvent.RunStarted? Started { get; private set; }

    /// <summary>The latest; null before the first.</summary>
    public RunProgress? Progress { get; private set; }

    /// <summary>Why the run failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>Over the finished shards; null while there is none.</summary>
    public double? MeanLoss { get; private set; }

    /// <summary>That are there.</summary>
    public int Workers { get; private set; }

    public long Joined { get; private set; }

    public long Left { get; private set; }

    public long Retried { get; private set; }

    public long Speculated { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Shards that this process saw finish, and what workers took for them.</summary>
    public long Finished { get; private set; }

    public double FinishedSeconds { get; private set; }

    public void Report(RunProgress progress)
    {
        Progress = progress;
        MeanLoss = progress.MeanLoss;
    }

    public void Observe(RunEvent e)
    {
        switch (e)
        {
            case RunEvent.RunStarted started:
                Started = started;
                State = RunState.Running;
                break;
            case RunEvent.WorkerJoined joined:
                Workers = joined.Workers;
                Joined++;
                break;
            case RunEvent.WorkerLeft left:
                Workers = left.Workers;
                Left++;
                break;
            case RunEvent.ShardRetried:
                Retried++;
                break;
            case RunEvent.ShardSpeculated:
                Speculated++;
                break;
            case RunEvent.ShardDuplicated:
                Duplicates++;
                break;
            case RunEvent.ShardFinished finished:
                Finished++;
                FinishedSeconds += finished.Seconds;
                break;
            case RunEvent.RunFinished finished:
                MeanLoss = finished.MeanLoss;
                State = RunState.Finished;
                break;
            case RunEvent.RunFailed failed:
                Failure = failed.Reason;
                State = RunState.Failed;
                break;
            case RunEvent.RunCancelled cancelled:
                Report(cancelled.Snapshot);
                State = RunState.Cancelled;
                break;
            default:
                break;
        }
    }
}
