using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Coordination;

/// <content>How a run ends, and for what.</content>
public sealed partial class Coordinator
{
    private void FailForGood(string worker, int shard, ShardFailure failure)
    {
        if (_ledger.IsSettled(shard))
        {
            // Alike to two results that differ.
            EndWithFailure(
                $"{failure.Message} (so says worker {worker}, but shard {shard} was evaluated without a fault before: the input changed under the run, or memory, disk or CPU is faulty)",
                badInput: false);
            return;
        }

        if (IsBehindBadInput(shard))
        {
            return;
        }

        _badInput = (shard, failure.Message);
        _openAhead = Enumerable.Range(0, shard).Count(s => !_ledger.IsSettled(s));
        _queue.RemoveFrom(shard);
        foreach (var (runner, held) in _workers)
        {
            if (held.Shard >= shard)
            {
                Emit(new Output.Abandon(runner, held.Shard.Value));
            }
        }

        if (!EndIfSettled())
        {
            ServeWaiting();
        }
    }

    private void Cancel()
    {
        if (IsOver)
        {
            return;
        }

        var progress = Snapshot(_now);
        Log(new RunEvent.RunCancelled(progress));
        End();
        Emit(new Output.Cancelled(progress));
    }

    /// <summary>Whether the run fails for a shard ahead of this one, or for this one itself, so that it is of no more interest.</summary>
    private bool IsBehindBadInput(int shard) => _badInput is { } bad && shard >= bad.Shard;

    private bool EndIfSettled()
    {
        if (_badInput is { } bad)
        {
            if (_openAhead > 0)
            {
                return false;
            }

            EndWithFailure(bad.Message, badInput: true);
            return true;
        }

        if (_ledger.IsComplete)
        {
            Complete();
            return true;
        }

        return false;
    }

    private void Complete()
    {
        End();
        Emit(new Output.Completed());
    }

    private void EndWithFailure(string message, bool badInput)
    {
        Log(new RunEvent.RunFailed(message, _ledger.Settled, _ledger.Shards));
        End();
        Emit(new Output.Failed(message, badInput));
    }

    private void End()
    {
        IsOver = true;
        foreach (var (worker, state) in _workers)
        {
            if (state.Shard is { } shard)
            {
                Emit(new Output.Abandon(worker, shard));
            }

            Emit(new Output.Release(worker));
        }
    }
}
