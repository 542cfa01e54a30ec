using DistributedLoss.Evaluation;
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
public sealed partial class Coordinator
{
    private readonly IReadOnlyList<Shard> _shards;
    private readonly IReadOnlyList<InputFile> _files;
    private readonly int? _classes;
    private readonly CoordinatorOptions _options;
    private readonly RunLedger _ledger;
    private readonly WorkQueue _queue;
    private readonly Dictionary<string, WorkerState> _workers = [];

    // How often each shard was given out or offered, and what more there is to know of those that are open and have been: a few of a million.
    private readonly int[] _attempts;
    private readonly ShardState?[] _states;

    // Shards that somebody evaluates, by when the first of them began.
    private readonly LinkedList<ShardState> _underWay = [];

    // Messages of a worker may come after the news that it left; to take it back would give its shards to nobody.
    private readonly HashSet<string> _gone = [];

    // Who asked last comes first: it is the least likely to be dead or stuck by now.
    private readonly LinkedList<string> _waiting = [];
    private readonly List<Output> _outputs = [];
    private readonly long _totalRows;
    private readonly long _resumedRows;
    private long _settledRows;
    private int _timedShards;
    private TimeSpan _now;
    private TimeSpan _lastProgress;

    // Brokered: when everything that was open was offered.
    private TimeSpan _readyAt;
    private TimeSpan _settledTime;
    private (int Shard, string Message)? _badInput;

    // Shards ahead of the bad one that are not settled.
    private int _openAhead;

    public Coordinator(RunPlan plan, RunLedger ledger, CoordinatorOptions options)
    {
        _shards = plan.Shards;
        _files = plan.Files;
        _classes = plan.Classes;
        _options = options;
        _ledger = ledger;
        _attempts = new int[_shards.Count];
        _states = new ShardState?[_shards.Count];
        var open = new List<int>(_shards.Count);
        foreach (var shard in _shards)
        {
            _totalRows += shard.Rows;
            if (ledger.IsSettled(shard.Index))
            {
                _resumedRows += shard.Rows;
            }
            else
            {
                open.Add(shard.Index);
            }
        }

        _settledRows = _resumedRows;
        _queue = new WorkQueue(_shards.Count, open);
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
                Request(requested.Worker, requested.Number);
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
                Fail(failed.Worker, failed.Shard, failed.Attempt, failed.Failure);
                break;
            case Input.BrokerReady:
                OfferAll();
                break;
            case Input.ShardTaken taken:
                Take(taken.Worker, taken.Shard, taken.Attempt);
                break;
            case Input.ShardReturned returned:
                Return(returned.Worker, returned.Shard, returned.Attempt);
                break;
            case Input.ShardDead dead:
                GiveUp(dead.Shard, dead.Deliveries);
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

    private void Join(string worker)
    {
        if (IsOver || _gone.Contains(worker))
        {
            Emit(new Output.Release(worker));
            return;
        }

        if (_workers.TryAdd(worker, new WorkerState { IdleSince = _now }))
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
        // Also when it is not known: its join may come after the news that it left.
        _gone.Add(worker);
        if (!_workers.Remove(worker, out var state))
        {
            return;
        }

        StopWaiting(state);
        Log(new RunEvent.WorkerLeft(worker, reason, _workers.Count, state.ShardsDone, state.RowsDone));
        if (IsOver || state.Shard is not { } shard)
        {
            return;
        }

        Stop(worker, state);
        if (_ledger.IsSettled(shard) || IsBehindBadInput(shard))
        {
            return;
        }

        if (_options.IsBrokered)
        {
            // The broker gives its delivery to another worker, and counts how often.
            Requeue(shard, worker, $"worker left: {reason}", offer: false);
            return;
        }

        int losses = ++StateOf(shard).Losses;
        if (losses >= _options.MaxLosses)
        {
            EndWithFailure($"{Where(shard)}: {losses} workers were lost while they evaluated it, the last one because: {reason}", badInput: false);
            return;
        }

        Requeue(shard, worker, $"worker left: {reason}");
    }

    private void Request(string worker, long number)
    {
        // A request may overtake its join.
        Join(worker);
        if (IsOver || !_workers.TryGetValue(worker, out var state) || number <= state.Request)
        {
            return;
        }

        state.Request = number;
        if (state.Shard is { } held)
        {
            // It asks anew although it holds a shard: the assignment, or what became of it, was lost on the way.
            Stop(worker, state);
            if (!_ledger.IsSettled(held))
            {
                Requeue(held, worker, "the worker asked for work while it held the shard");
            }
        }

        StopWaiting(state);
        state.Waiting = _waiting.AddFirst(worker);

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

        if (result.Totals.FileRows != _shards[shard].Rows)
        {
            EndWithFailure($"{Where(shard)}: worker {worker} accounts for {result.Totals.FileRows} of its {_shards[shard].Rows} rows; this is a fault of the program", badInput: false);
            return;
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
        catch (BadInputException limit)
        {
            // Every shard kept its limits, but together they are too many slices, groups or pairs.
            EndWithFailure(limit.Message, badInput: true);
            return;
        }

        Emit(new Output.Journal(result));
        _queue.Remove(shard);
        _settledRows += _shards[shard].Rows;
        _settledTime += result.Elapsed;
        _timedShards++;
        if (state is not null)
        {
            state.ShardsDone++;
            state.RowsDone += _shards[shard].Rows;
        }

        Log(new RunEvent.ShardFinished(
            shard, worker, _shards[shard].Rows, result.Totals.Rows.Evaluated, result.Totals.MeanLoss, result.Elapsed.TotalSeconds,
            _ledger.Settled, _ledger.Shards, Remaining(_settledRows, Rate(_settledRows, _now))?.TotalSeconds));
        foreach (string other in _states[shard]?.Runners ?? [])
        {
            Emit(new Output.Abandon(other, shard));
        }

        Forget(shard);
        if (shard < _badInput?.Shard)
        {
            _openAhead--;
        }

        if (!EndIfSettled())
        {
            ServeWaiting();
        }
    }

    private void Fail(string worker, int shard, int attempt, ShardFailure failure)
    {
        bool isKnown = _workers.TryGetValue(worker, out var state);
        bool current = isKnown && state!.Shard == shard && state.Attempt == attempt;
        if (current)
        {
            Stop(worker, state!);
        }

        if (IsOver)
        {
            return;
        }

        if (failure.Deterministic)
        {
            FailForGood(worker, shard, failure);
            return;
        }

        // A failure that comes twice, or after its worker was given up as lost, has been accounted for; one that the next request overtook has not.
        if (_ledger.IsSettled(shard) || IsBehindBadInput(shard) || !(_options.IsBrokered || isKnown) || !IsNews(worker, shard, attempt))
        {
            return;
        }

        var shardState = StateOf(shard);
        if (++shardState.Failures >= _options.MaxFailures)
        {
            EndWithFailure($"{failure.Message} (shard {shard} failed {shardState.Failures} times, the last time on worker {worker})", badInput: false);
            return;
        }

        (shardState.FailedOn ??= []).Add(worker);
        shardState.FailedAt = _now;
        if (current || _options.IsBrokered)
        {
            Requeue(shard, worker, failure.Message);
        }
    }

    private void Tick()
    {
        if (IsOver)
        {
            return;
        }

        if (_ledger.IsComplete)
        {
            // No shards, and no worker to say so to.
            Complete();
            return;
        }

        if (_options.IsBrokered)
        {
            OfferStragglers();
        }
        else
        {
            ServeWaiting();
        }

        if (_now - _lastProgress >= _options.ProgressInterval)
        {
            _lastProgress = _now;
            Log(new RunEvent.Progress(Snapshot(_now)));
        }
    }

    private string Where(int shard)
    {
        var s = _shards[shard];
        return $"{_files[s.File].Path}: row group {s.RowGroup}, rows {s.FirstRow} to {s.FirstRow + s.Rows - 1}";
    }

    private void Emit(Output output) => _outputs.Add(output);

    private void Log(RunEvent e) => _outputs.Add(new Output.Log(e));
}
