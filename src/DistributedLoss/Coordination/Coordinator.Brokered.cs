using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Coordination;

/// <content>
/// Runs whose shards a broker hands out: the coordinator offers what is open, hears who took what, and offers again what came back undone. The queue of
/// this state machine is then what it takes the broker's to be. A shard that is offered once too often costs work, never a count; one that is
/// open is always either in the broker's queue, or in a delivery whose end the broker sees, or in a report that is on its way here.
/// </content>
public sealed partial class Coordinator
{
    private void OfferAll()
    {
        if (IsOver)
        {
            return;
        }

        _readyAt = _now;

        // Who holds what may have changed unseen: the holders' results count all the same.
        foreach (var shard in _shards)
        {
            if (!_ledger.IsSettled(shard.Index) && !IsBehindBadInput(shard.Index))
            {
                _queue.Return(shard.Index);
                Offer(shard.Index);
            }
        }
    }

    private void Offer(int shard)
    {
        if (_queue.Count <= _workers.Count)
        {
            StateOf(shard).OfferedAt = _now;
        }

        Emit(new Output.Offer(shard, NextAttempt(shard)));
    }

    private void Take(string worker, int shard, int attempt)
    {
        Join(worker);
        if (IsOver || !_workers.TryGetValue(worker, out var state))
        {
            return;
        }

        if (state.Shard is { } held)
        {
            // What became of it is on its way, or was lost with the broker's connection, which then gives it to another.
            if (held == shard && state.Attempt == attempt)
            {
                return;
            }

            Stop(worker, state);
        }

        if (_ledger.IsSettled(shard) || IsBehindBadInput(shard))
        {
            Emit(new Output.Abandon(worker, shard));
            return;
        }

        _queue.Remove(shard);
        Begin(worker, state, shard, attempt);
    }

    private void Return(string worker, int shard, int attempt)
    {
        if (_workers.TryGetValue(worker, out var state) && state.Shard == shard && state.Attempt == attempt)
        {
            Stop(worker, state);
        }

        if (!IsOver && !_ledger.IsSettled(shard) && IsNews(worker, shard, attempt))
        {
            Requeue(shard, worker, "the worker handed it back");
        }
    }

    private void GiveUp(int shard, long deliveries)
    {
        if (!IsOver && !_ledger.IsSettled(shard) && !IsBehindBadInput(shard))
        {
            EndWithFailure(
                $"{Where(shard)}: the broker gave it to workers {deliveries} times, and each was lost or cut off before it had a result: the shard may kill its workers; look at their logs, and continue with --resume",
                badInput: false);
        }
    }

    /// <summary>Whether a report that ends a delivery is no copy of one that has been answered already.</summary>
    private bool IsNews(string worker, int shard, int attempt) => (StateOf(shard).Answered ??= []).Add((worker, attempt));

    private void OfferStragglers()
    {
        foreach (var (idle, state) in _workers)
        {
            if (_queue.IsEmpty && !HasStraggler)
            {
                return;
            }

            if (state.Shard is null && (_queue.IsEmpty ? FindStraggler(idle) : FindUntaken(state)) is { } straggler)
            {
                Speculate(straggler, idle);
                _queue.Return(straggler.Shard);
                Offer(straggler.Shard);
            }
        }
    }

    /// <summary>
    /// A shard that the broker would have given to a worker that has been idle for that long, if it still had it. So a busy worker has it at hand, or one
    /// that is stuck took it, and the news of that was lost.
    /// </summary>
    private (int Shard, string Worker)? FindUntaken(WorkerState idle)
    {
        var limit = StragglerLimit();
        return _queue.Count <= _workers.Count && _now - idle.IdleSince > limit
            && _queue.Find(s => _now - (_states[s]?.OfferedAt ?? _readyAt) > limit) is { } shard
            ? (shard, "unknown")
            : null;
    }
}
