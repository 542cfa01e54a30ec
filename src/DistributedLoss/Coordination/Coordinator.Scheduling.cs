using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Coordination;

/// <content>Which worker gets which shard, first, again, or as a straggler's second.</content>
public sealed partial class Coordinator
{
    private void ServeWaiting()
    {
        for (var waiting = _waiting.First; waiting is not null && !IsOver && (!_queue.IsEmpty || HasStraggler);)
        {
            var next = waiting.Next;
            string worker = waiting.Value;
            if (TakeShardFor(worker) is { } shard)
            {
                StopWaiting(_workers[worker]);
                Assign(worker, shard);
            }

            waiting = next;
        }
    }

    private void StopWaiting(WorkerState state)
    {
        if (state.Waiting is { } waiting)
        {
            _waiting.Remove(waiting);
            state.Waiting = null;
        }
    }

    private int? TakeShardFor(string worker)
    {
        if (_queue.Take(s => Suits(s, worker)) is { } queued)
        {
            return queued;
        }

        if (FindStraggler(worker) is not { } straggler)
        {
            return null;
        }

        Speculate(straggler, worker);
        return straggler.Shard;
    }

    // Of the longest under way alone: nearly always no, and cheap to see.
    private bool HasStraggler => _underWay.First is { } oldest && _now - oldest.Value.Since > StragglerLimit();

    /// <summary>
    /// The shard that has been under way longest, when that is too long for those who have it, and that an idle worker may have as well. Each further
    /// worker makes the limit longer (1, 3, 6, ...): one that hangs is not waited for, nor are two, but a shard that is only slow does not draw in everybody.
    /// </summary>
    private (int Shard, string Worker)? FindStraggler(string idle)
    {
        var limit = StragglerLimit();
        foreach (var state in _underWay)
        {
            var taken = _now - state.Since;
            if (taken <= limit)
            {
                return null;
            }

            double workers = state.Runners.Count;
            if (taken / limit > workers * (workers + 1) / 2 && !IsBehindBadInput(state.Shard) && Suits(state.Shard, idle))
            {
                return (state.Shard, state.Runners[0]);
            }
        }

        return null;
    }

    private void Speculate((int Shard, string Worker) straggler, string idle)
    {
        Speculated++;
        Log(new RunEvent.ShardSpeculated(straggler.Shard, idle, straggler.Worker));
    }

    // A worker that failed a shard gets it again when no other is there, or when none took it for a while: the others may be busy, or stuck.
    private bool Suits(int shard, string worker)
    {
        return _states[shard] is not { FailedOn: { } failedOn, FailedAt: var failedAt }
            || !failedOn.Contains(worker) || _now - failedAt > _options.RetryElsewhere || _workers.Keys.All(failedOn.Contains);
    }

    private TimeSpan StragglerLimit()
    {
        if (_timedShards == 0)
        {
            return _options.StragglerUnmeasured;
        }

        double ticks = _options.StragglerFactor * _settledTime.Ticks / _timedShards;
        return TimeSpan.FromTicks((long)Math.Min(Math.Max(ticks, _options.StragglerMinimum.Ticks), TimeSpan.MaxValue.Ticks / 2));
    }

    private void Assign(string worker, int shard)
    {
        var state = _workers[worker];
        Begin(worker, state, shard, NextAttempt(shard));
        Emit(new Output.Assign(worker, shard, state.Attempt, state.Request));
    }

    private void Begin(string worker, WorkerState state, int shard, int attempt)
    {
        state.Shard = shard;
        state.Rows = 0;
        state.Attempt = attempt;
        var shardState = StateOf(shard);
        shardState.Runners.Add(worker);
        if (shardState.Runners.Count == 1)
        {
            shardState.Since = _now;
            _underWay.AddLast(shardState.UnderWay);
        }

        var s = _shards[shard];
        Log(new RunEvent.ShardAssigned(shard, s.Id, worker, attempt, s.Rows, _files[s.File].Path, s.RowGroup, s.FirstRow));
    }

    private void Stop(string worker, WorkerState state)
    {
        if (_states[state.Shard!.Value] is { } shardState && shardState.Runners.Remove(worker) && shardState.Runners.Count == 0)
        {
            _underWay.Remove(shardState.UnderWay);
        }

        state.Shard = null;
        state.IdleSince = _now;
        state.Rows = 0;
    }

    /// <param name="offer">Brokered runs: whether the broker has no delivery of the shard any more that it could give to another worker.</param>
    private void Requeue(int shard, string worker, string reason, bool offer = true)
    {
        if (IsBehindBadInput(shard))
        {
            return;
        }

        if (_states[shard] is not { Runners.Count: > 0 })
        {
            Retried++;
            _queue.Return(shard);
            Log(new RunEvent.ShardRetried(shard, worker, _attempts[shard], reason));
        }

        if (!_options.IsBrokered)
        {
            ServeWaiting();
        }
        else if (offer)
        {
            Offer(shard);
        }
    }
}
