using DistributedLoss.Runs;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Coordination;

/// <summary>
/// Who evaluates what, as a pure state machine: no threads, clocks, sockets or tasks. Work is pulled by workers and executed at least once; the ledger
/// counts it exactly once. Times are durations since the run began, told by the caller.
/// </summary>
/// <remarks>
/// A failure that lies in the data ends the run, but not before every shard ahead of it in the plan is settled: so the error that is reported is the
/// first in file order, for any number of workers.
/// </remarks>
public sealed class Coordinator
{
    private readonly IReadOnlyList<Shard> _shards;
    private readonly IReadOnlyList<InputFile> _files;
    private readonly CoordinatorOptions _options;
    private readonly RunLedger _ledger;
    private readonly WorkQueue _queue;
    private readonly ShardState[] _states;
    private readonly Dictionary<string, WorkerState> _workers = [];
    private readonly List<string> _waiting = [];
    private readonly List<Output> _outputs = [];
    private readonly long _totalRows;
    private long _settledRows;
    private TimeSpan _now;
    private TimeSpan _lastProgress;
    private TimeSpan _settledTime;
    private (int Shard, string Message)? _badInput;

    public Coordinator(RunPlan plan, RunLedger ledger, CoordinatorOptions options)
    {
        _shards = plan.Shards;
        _files = plan.Files;
        _options = options;
        _ledger = ledger;
        _states = [.. _shards.Select(_ => new ShardState())];
        _totalRows = _shards.Sum(s => s.Rows);
        _queue = new WorkQueue(_shards.Select(s => s.Index).Where(i => !ledger.IsSettled(i)));
    }

    public bool IsOver { get; private set; }

    public int Retried { get; private set; }

    public int Speculated { get; private set; }

    public int Duplicates { get; private set; }

    /// <returns>What is to be done, in order; the list is reused by the next call.</returns>
    public IReadOnlyList<Output> Handle(Input input, TimeSpan now)
    {
        _outputs.Clear();
        _now = now;
        switch (input)
        {
            case Input.WorkerJoined joined:
                Join(joined.Worker);
                break;
            case Input.WorkerLeft left:
                Leave(left.Worker, left.Reason);
                break;
            case Input.WorkRequested requested:
                Request(requested.Worker);
                break;
            case Input.ShardProgressed progressed:
                if (!IsOver && _workers.TryGetValue(progressed.Worker, out var at) && at.Shard == progressed.Shard)
                {
                    at.Rows = Math.Min(progressed.Rows, _shards[progressed.Shard].Rows);
                }

                break;
            case Input.ShardFinished finished:
                Finish(finished.Worker, finished.Result);
                break;
            case Input.ShardFailed failed:
                Fail(failed.Worker, failed.Shard, failed.Failure);
                break;
            case Input.Tick:
                Tick();
                break;
            case Input.Cancel:
                Cancel();
                break;
            default:
                throw new ArgumentException($"unknown input {input.GetType().Name}", nameof(input));
        }

        return _outputs;
    }

    public RunProgress Snapshot(TimeSpan now)
    {
        // A speculated shard has several executions under way: the furthest counts.
        long underWay = _workers.Values.Where(w => w.Shard is { } s && !_ledger.IsSettled(s))
            .GroupBy(w => w.Shard).Sum(g => g.Max(w => w.Rows));
        long rows = _settledRows + underWay;
        double rate = now > TimeSpan.Zero ? rows / now.TotalSeconds : 0;
        TimeSpan? remaining = rate > 0 ? TimeSpan.FromSeconds((_totalRows - rows) / rate) : null;
        return new RunProgress(_ledger.Settled, _ledger.Shards, rows, _totalRows, rate, now, remaining, _ledger.Totals.MeanLoss, _workers.Count);
    }

    private void Join(string worker)
    {
        if (IsOver)
        {
            Emit(new Output.Release(worker));
            return;
        }

        if (_workers.TryAdd(worker, new WorkerState()))
        {
            Log(new RunEvent.WorkerJoined(worker, _workers.Count));
            if (_ledger.IsComplete)
            {
                Complete();
            }
        }
    }

    private void Leave(string worker, string reason)
    {
        if (!_workers.Remove(worker, out var state))
        {
            return;
        }

        _waiting.Remove(worker);
        Log(new RunEvent.WorkerLeft(worker, reason, _workers.Count));
        if (IsOver || state.Shard is not { } shard)
        {
            return;
        }

        Stop(worker, state);
        if (_ledger.IsSettled(shard))
        {
            return;
        }

        if (++_states[shard].Losses >= _options.MaxLosses)
        {
            EndWithFailure($"{Where(shard)}: {_states[shard].Losses} workers were lost while they evaluated it, the last one because: {reason}", badInput: false);
            return;
        }

        Requeue(shard, worker, $"worker left: {reason}");
    }

    private void Request(string worker)
    {
        if (IsOver)
        {
            Emit(new Output.Release(worker));
            return;
        }

        if (!_workers.TryGetValue(worker, out var state))
        {
            // A request that overtook its join, or came from a worker that was given up: it joins again.
            Join(worker);
            state = _workers[worker];
        }

        if (state.Shard is { } held)
        {
            // It asks although it holds a shard: the assignment, or its result, was lost on the way.
            Stop(worker, state);
            if (!_ledger.IsSettled(held))
            {
                Requeue(held, worker, "the worker asked for work while it held the shard");
            }
        }

        if (!_waiting.Contains(worker))
        {
            _waiting.Add(worker);
        }

        ServeWaiting();
    }

    private void Finish(string worker, ShardResult result)
    {
        if (IsOver)
        {
            return;
        }

        int shard = result.Shard;
        if (_workers.TryGetValue(worker, out var state) && state.Shard == shard)
        {
            Stop(worker, state);
        }

        try
        {
            if (_ledger.Settle(result) == Settlement.Duplicate)
            {
                Duplicates++;
                Log(new RunEvent.ShardDuplicated(shard, worker));
                return;
            }
        }
        catch (LedgerConflictException conflict)
        {
            EndWithFailure(conflict.Message, badInput: false);
            return;
        }

        Emit(new Output.Journal(result));
        _queue.Remove(shard);
        _settledRows += _shards[shard].Rows;
        _settledTime += result.Elapsed;
        Log(new RunEvent.ShardFinished(
            shard, worker, _shards[shard].Rows, result.Totals.Rows.Evaluated, result.Totals.MeanLoss, result.Elapsed.TotalSeconds));
        foreach (string other in _states[shard].Runners.ToArray())
        {
            Emit(new Output.Abandon(other, shard));
        }

        if (!EndIfSettled())
        {
            ServeWaiting();
        }
    }

    private void Fail(string worker, int shard, ShardFailure failure)
    {
        if (_workers.TryGetValue(worker, out var state) && state.Shard == shard)
        {
            Stop(worker, state);
        }

        if (IsOver || _ledger.IsSettled(shard))
        {
            return;
        }

        if (failure.Deterministic)
        {
            if (_badInput is not { } known || shard < known.Shard)
            {
                _badInput = (shard, failure.Message);
                _queue.RemoveFrom(shard);
            }

            EndIfSettled();
            return;
        }

        var shardState = _states[shard];
        if (++shardState.Failures >= _options.MaxFailures)
        {
            EndWithFailure($"{failure.Message} (shard {shard} failed {shardState.Failures} times, the last time on worker {worker})", badInput: false);
            return;
        }

        shardState.FailedOn.Add(worker);
        Requeue(shard, worker, failure.Message);
        ServeWaiting();
    }

    private void Tick()
    {
        if (IsOver)
        {
            return;
        }

        ServeWaiting();
        if (_now - _lastProgress >= _options.ProgressInterval)
        {
            _lastProgress = _now;
            Log(new RunEvent.Progress(Snapshot(_now)));
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
        // A worker that failed a shard gets it again only when no other worker is there.
        bool Suits(int shard) => !_states[shard].FailedOn.Contains(worker) || _workers.Keys.All(_states[shard].FailedOn.Contains);
        if (_queue.Take(Suits) is { } queued)
        {
            return queued;
        }

        if (_ledger.Settled == 0 || _badInput is not null)
        {
            return null;
        }

        var limit = TimeSpan.FromTicks((long)Math.Max(_options.StragglerFactor * _settledTime.Ticks / _ledger.Settled, _options.StragglerMinimum.Ticks));
        (string Name, WorkerState State)? straggler = _workers
            .Where(w => w.Value.Shard is { } s && !_ledger.IsSettled(s) && _states[s].Runners.Count == 1 && _now - w.Value.Since > limit && Suits(s))
            .OrderBy(w => w.Value.Since).ThenBy(w => w.Value.Shard)
            .Select(w => ((string, WorkerState)?)(w.Key, w.Value)).FirstOrDefault();
        if (straggler is not { } found)
        {
            return null;
        }

        Speculated++;
        Log(new RunEvent.ShardSpeculated(found.State.Shard!.Value, worker, found.Name));
        return found.State.Shard;
    }

    private void Assign(string worker, int shard)
    {
        var state = _workers[worker];
        state.Shard = shard;
        state.Since = _now;
        state.Rows = 0;
        int attempt = ++_states[shard].Attempts;
        _states[shard].Runners.Add(worker);
        var s = _shards[shard];
        Log(new RunEvent.ShardAssigned(shard, s.Id, worker, attempt, s.Rows, _files[s.File].Path, s.RowGroup, s.FirstRow));
        Emit(new Output.Assign(worker, shard, attempt));
    }

    private void Stop(string worker, WorkerState state)
    {
        _states[state.Shard!.Value].Runners.Remove(worker);
        state.Shard = null;
        state.Rows = 0;
    }

    private void Requeue(int shard, string worker, string reason)
    {
        if (_badInput is { } bad && shard > bad.Shard)
        {
            return;
        }

        if (_states[shard].Runners.Count == 0)
        {
            Retried++;
            _queue.Return(shard);
            Log(new RunEvent.ShardRetried(shard, worker, _states[shard].Attempts, reason));
        }

        ServeWaiting();
    }

    private bool EndIfSettled()
    {
        if (_badInput is { } bad)
        {
            for (int i = 0; i < bad.Shard; i++)
            {
                if (!_ledger.IsSettled(i))
                {
                    return false;
                }
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

    private string Where(int shard)
    {
        var s = _shards[shard];
        return $"{_files[s.File].Path}: row group {s.RowGroup}, rows {s.FirstRow} to {s.FirstRow + s.Rows - 1}";
    }

    private void Emit(Output output) => _outputs.Add(output);

    private void Log(RunEvent e) => _outputs.Add(new Output.Log(e));

    private sealed class ShardState
    {
        public int Attempts { get; set; }

        public int Failures { get; set; }

        public int Losses { get; set; }

        public List<string> Runners { get; } = [];

        public HashSet<string> FailedOn { get; } = [];
    }

    private sealed class WorkerState
    {
        public int? Shard { get; set; }

        public TimeSpan Since { get; set; }

        public long Rows { get; set; }
    }
}
