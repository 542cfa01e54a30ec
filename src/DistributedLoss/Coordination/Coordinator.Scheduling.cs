using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Coordination;

/// <content>Which worker gets which shard, first, again, or as a straggler's second.</content>
public sealed partial class Coordinator
{
    private void ServeWaiting()
    {
        for (int i = 0; i < _waiting.Count && !IsOver;)
        {
            string worker = _waiting[i];
            if (TakeShardFor(worker) is { } shard)
            {
                _waiting.RemoveAt(i);
                Assign(worker, shard);
            }
            else
            {
                i++;
            }
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

    /// <summary>The shard that has been under way longest, when that is too long, and that an idle worker may have as well.</summary>
    private (int Shard, string Worker)? FindStraggler(string idle)
    {
        var limit = StragglerLimit();
        return _workers
            .Where(w => w.Value.Shard is { } s && !_ledger.IsSettled(s) && !IsBehindBadInput(s)
                && _states[s].Runners.Count == 1 && _now - w.Value.Since > limit && Suits(s, idle))
            .OrderBy(w => w.Value.Since).ThenBy(w => w.Value.Shard)
            .Select(w => ((int, string)?)(w.Value.Shard!.Value, w.Key)).FirstOrDefault();
    }

    private void Speculate((int Shard, string Worker) straggler, string idle)
    {
        Speculated++;
        Log(new RunEvent.ShardSpeculated(straggler.Shard, idle, straggler.Worker));
    }

    // A worker that failed a shard gets it again when no other is there, or when none took it for a while: the others may be busy, or stuck.
    private bool Suits(int shard, string worker)
    {
        var state = _states[shard];
        return !state.FailedOn.Contains(worker) || _now - state.FailedAt > _options.RetryElsewhere || _workers.Keys.All(state.FailedOn.Contains);
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
        Begin(worker, state, shard, ++_states[shard].Attempts);
        Emit(new Output.Assign(worker, shard, state.Attempt, state.Request));
    }

    private void Begin(string worker, WorkerState state, int shard, int attempt)
    {
        state.Shard = shard;
        state.Since = _now;
        state.Rows = 0;
        state.Attempt = attempt;
        _states[shard].Runners.Add(worker);
        var s = _shards[shard];
        Log(new RunEvent.ShardAssigned(shard, s.Id, worker, attempt, s.Rows, _files[s.File].Path, s.RowGroup, s.FirstRow));
    }

    private void Stop(string worker, WorkerState state)
    {
        _states[state.Shard!.Value].Runners.Remove(worker);
        state.Shard = null;
        state.Rows = 0;
    }

    /// <param name="offer">Brokered runs: whether the broker has no delivery of the shard any more that it could give to another worker.</param>
    private void Requeue(int shard, string worker, string reason, bool offer = true)
    {
        if (IsBehindBadInput(shard))
        {
            return;
        }

        if (_states[shard].Runners.Count == 0)
        {
            Retried++;
            _queue.Return(shard);
            Log(new RunEvent.ShardRetried(shard, worker, _states[shard].Attempts, reason));
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
