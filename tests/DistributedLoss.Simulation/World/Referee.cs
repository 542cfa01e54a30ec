using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>
/// Holds what the coordinator says against what it was told, by its inputs and outputs alone: it knows neither how a coordinator is made nor what is really
/// the matter with a worker.
/// </summary>
internal sealed class Referee(Scenario scenario, Coverage coverage)
{
    // Over all coordinators of the run.
    private readonly Dictionary<int, string> _journal = [];
    private bool _corruptCounts;

    // Of the coordinator that is there. What counts may be ahead of what is journalled, while nobody is told.
    private readonly Dictionary<int, string> _counts = [];
    private readonly HashSet<string> _gone = [];
    private readonly Dictionary<string, Output.Assign> _held = [];
    private readonly Dictionary<int, int> _attempts = [];
    private readonly Dictionary<int, int> _failures = [];
    private readonly Dictionary<int, int> _losses = [];
    private readonly HashSet<(string, int, int)> _answered = [];
    private readonly Dictionary<int, int> _reasons = [];
    private bool _isDead;
    private RunLedger? _ledger;
    private int? _bad;
    private bool _conflict;
    private int? _speculated;
    private bool _isOver;

    public void Began(RunLedger ledger, int resumed)
    {
        _counts.Clear();
        foreach (var (shard, digest) in _journal)
        {
            _counts.Add(shard, digest);
        }

        _gone.Clear();
        _held.Clear();
        _attempts.Clear();
        _failures.Clear();
        _losses.Clear();
        _answered.Clear();
        _reasons.Clear();
        (_ledger, _bad, _conflict, _isOver, _isDead) = (ledger, null, false, false, false);
        Check(resumed == _journal.Count && ledger.Settled == _journal.Count, $"{_journal.Count} shards were journalled, and {resumed} came back");
    }

    /// <summary>Ahead of its handling.</summary>
    public void Hears(Input input)
    {
        switch (input)
        {
            case Input.WorkerLeft left:
                _gone.Add(left.Worker);
                if (Released(left.Worker, _ => true) is { } lost && !_counts.ContainsKey(lost))
                {
                    Increment(_losses, lost);
                }

                break;
            case Input.WorkRequested requested:
                Released(requested.Worker, held => held.Request < requested.Number);
                break;
            case Input.ShardFinished { Result: var result } finished:
                Released(finished.Worker, held => held.Shard == result.Shard);
                if (!_isOver && _counts.TryGetValue(result.Shard, out string? digest) && digest != result.Digest)
                {
                    _conflict = true;
                    coverage.Count("results that differ");
                }

                break;
            case Input.ShardFailed failed:
                Released(failed.Worker, held => (held.Shard, held.Attempt) == (failed.Shard, failed.Attempt));
                if ((scenario.Options.IsBrokered || !_gone.Contains(failed.Worker)) && IsNews(failed.Worker, failed.Shard, failed.Attempt))
                {
                    Increment(_failures, failed.Shard);
                }

                if (failed.Failure.Deterministic && !_isOver)
                {
                    _bad = Math.Min(_bad ?? int.MaxValue, failed.Shard);
                }

                break;
            case Input.ShardReturned returned:
                Released(returned.Worker, held => (held.Shard, held.Attempt) == (returned.Shard, returned.Attempt));
                IsNews(returned.Worker, returned.Shard, returned.Attempt);
                break;
            case Input.BrokerReady:
                for (int i = 0; i < scenario.Shards; i++)
                {
                    Increment(_reasons, i);
                }

                break;
            case Input.ShardDead dead:
                _isDead |= !_counts.ContainsKey(dead.Shard);
                break;
        }
    }

    public void Says(Output output)
    {
        Check(!_isOver || output is Output.Release or Output.Abandon or Output.Log, "work goes on after the end");
        switch (output)
        {
            case Output.Log { Event: RunEvent.ShardSpeculated { Shard: var shard } }:
                _speculated = shard;
                Increment(_reasons, shard);
                break;
            case Output.Offer offer:
                CheckOffer(offer);
                break;
            case Output.Assign assign:
                CheckAssignment(assign);
                _speculated = null;
                break;
            case Output.Journal { Result: var result }:
                Check(_counts.TryAdd(result.Shard, result.Digest), $"shard {result.Shard} counts twice");
                break;
            case Output.Completed or Output.Failed or Output.Cancelled:
                _isOver = true;
                break;
        }
    }

    /// <summary>It will be there whatever happens now.</summary>
    public void Journalled(ShardResult result)
    {
        _journal.Add(result.Shard, result.Digest);
        _corruptCounts |= result.Digest != scenario.Dump.Results[result.Shard].Digest;
    }

    /// <summary>After everything that it said was done.</summary>
    public void Handled()
    {
        Check(_ledger!.Settled == _counts.Count, $"{_ledger.Settled} shards count, and {_counts.Count} are to be journalled");
        Check(!_conflict || _isOver, "two results of one shard differ, and the run goes on");
    }

    /// <summary>The end is told: everything before it is safe.</summary>
    public void Ends(Output end)
    {
        int? firstBad = scenario.BadShards.Count > 0 ? scenario.BadShards.Min() : null;
        switch (end)
        {
            case Output.Completed:
                var ledger = _ledger!;
                Check(_journal.Count == scenario.Shards, $"the run is complete with {_journal.Count} of {scenario.Shards} shards in the journal");
                Check(ledger.Settled == scenario.Shards && ledger.IsComplete, $"the run is complete with {ledger.Settled} of {scenario.Shards} shards in the ledger");
                Check(ledger.Totals.FileRows == scenario.Dump.Plan.Rows, $"{ledger.Totals.FileRows} of {scenario.Dump.Plan.Rows} rows count");
                Check(_corruptCounts || ledger.Totals.ExecutionDigest() == scenario.Dump.FaultFree, "the bits are not those of a run without faults");
                break;
            case Output.Failed { BadInput: true } failed:
                Check(failed.Message == (firstBad is { } bad ? SimulatedDump.BadMessage(bad) : null), $"the first bad shard is {firstBad}, and the run failed with: {failed.Message}");
                Check(Enumerable.Range(0, firstBad!.Value).All(_journal.ContainsKey), $"shard {firstBad} is not known to be the first bad one");
                break;
            case Output.Failed failed:
                Check(
                    _conflict || _isDead || _failures.Values.Any(f => f >= scenario.Options.MaxFailures) || _losses.Values.Any(l => l >= scenario.Options.MaxLosses),
                    $"the run failed, and there is no reason for it: {failed.Message}");
                break;
        }
    }

    public void Check(bool holds, string otherwise)
    {
        coverage.Checks++;
        if (!holds)
        {
            throw new ViolationException(otherwise);
        }
    }

    private void CheckAssignment(Output.Assign assign)
    {
        Check(!_gone.Contains(assign.Worker), $"{assign.Worker} has left, and is given shard {assign.Shard}");
        Check(!_counts.ContainsKey(assign.Shard), $"shard {assign.Shard} counts already, and is given to {assign.Worker}");
        Check(_bad is not { } bad || assign.Shard < bad, $"shard {_bad} is bad, and shard {assign.Shard} is given to {assign.Worker}");
        Check(_speculated == assign.Shard || _held.Values.All(h => h.Shard != assign.Shard), $"shard {assign.Shard} is held, and given to {assign.Worker} too");
        Check(_held.TryAdd(assign.Worker, assign), $"{assign.Worker} holds shard {_held.GetValueOrDefault(assign.Worker)?.Shard}, and is given shard {assign.Shard}");
        Begin(assign.Shard);
        Check(_attempts[assign.Shard] == assign.Attempt, $"attempt {_attempts[assign.Shard]} of shard {assign.Shard} is called {assign.Attempt}");
    }

    private void CheckOffer(Output.Offer offer)
    {
        Check(!_counts.ContainsKey(offer.Shard), $"shard {offer.Shard} counts already, and is offered");
        Check(_bad is not { } bad || offer.Shard < bad, $"shard {_bad} is bad, and shard {offer.Shard} is offered");
        Begin(offer.Shard);
        Check(_attempts[offer.Shard] == offer.Attempt, $"attempt {_attempts[offer.Shard]} of shard {offer.Shard} is called {offer.Attempt}");
        Check(offer.Attempt <= _reasons[offer.Shard], $"shard {offer.Shard} is offered for the {offer.Attempt}. time, with {_reasons[offer.Shard]} reasons for it");
    }

    // What an earlier coordinator's attempt of that number came to says nothing of this one.
    private void Begin(int shard)
    {
        Increment(_attempts, shard);
        _answered.RemoveWhere(a => a.Item2 == shard && a.Item3 == _attempts[shard]);
    }

    /// <summary>A delivery ended without a result, which is a reason to offer its shard again, once.</summary>
    private bool IsNews(string worker, int shard, int attempt)
    {
        if (!_answered.Add((worker, shard, attempt)))
        {
            return false;
        }

        Increment(_reasons, shard);
        return true;
    }

    /// <returns>The shard that the worker does not hold any more, if it held one and that is how it goes.</returns>
    private int? Released(string worker, Func<Output.Assign, bool> isReleased)
    {
        if (!_held.TryGetValue(worker, out var held) || !isReleased(held))
        {
            return null;
        }

        _held.Remove(worker);
        return held.Shard;
    }

    private static void Increment(Dictionary<int, int> counts, int shard) => counts[shard] = counts.GetValueOrDefault(shard) + 1;
}
