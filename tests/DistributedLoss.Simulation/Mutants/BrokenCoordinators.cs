using DistributedLoss.Coordination;
using DistributedLoss.Simulation.World;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.Mutants;

/// <summary>Is deaf to the news that a worker is gone: its shard is not given to another, and it is given more.</summary>
internal sealed class ForgetsTheDead : Mutant
{
    public override IEnumerable<Input> Hears(Input input) => input is Input.WorkerLeft ? [] : [input];
}

/// <summary>A shard that came back is given to nobody.</summary>
internal sealed class ForgetsToRequeue : Mutant
{
    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs) => [.. outputs.Where(o => o is not Output.Assign { Attempt: > 1 })];
}

/// <summary>Takes each failure for one of the attempt that is under way.</summary>
internal sealed class CountsStaleFailures : Mutant
{
    // Few schedules have what it takes.
    public override int Seeds => 3000;

    private readonly Dictionary<(string, int), int> _attempts = [];

    public override IEnumerable<Input> Hears(Input input) =>
        [input is Input.ShardFailed f ? f with { Attempt = _attempts.GetValueOrDefault((f.Worker, f.Shard), f.Attempt) } : input];

    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs)
    {
        foreach (var assign in outputs.OfType<Output.Assign>())
        {
            _attempts[(assign.Worker, assign.Shard)] = assign.Attempt;
        }

        return outputs;
    }
}

/// <summary>Each message of a worker is taken for a new one: what came late takes its shard away, and hands it another.</summary>
internal sealed class TrustsLateRequests : Mutant
{
    private long _requests = 1_000_000;

    public override IEnumerable<Input> Hears(Input input) => [input is Input.WorkRequested r ? r with { Number = ++_requests } : input];
}

/// <summary>Ends with whatever bad shard is found first.</summary>
internal sealed class ReportsAnyBadShard : Mutant
{
    private Input.ShardFailed? _heard;

    public override IEnumerable<Input> Hears(Input input)
    {
        _heard = input is Input.ShardFailed { Failure.Deterministic: true } failed ? failed : null;
        return [input];
    }

    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs) =>
        _heard is null || outputs.Any(o => o is Output.Failed) ? outputs : [.. outputs, new Output.Failed(_heard.Failure.Message, BadInput: true)];
}

/// <summary>Completes although a result is not in the journal yet.</summary>
internal sealed class JournalsTooLate : Mutant
{
    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs) => [.. outputs.OrderBy(o => o is Output.Journal)];
}

/// <summary>Writes no line for the shard that is finished first.</summary>
internal sealed class ForgetsToJournal : Mutant
{
    private bool _forgot;

    public override void Append(ISimulatedJournal journal, ShardResult result)
    {
        if (_forgot)
        {
            journal.Append(result);
        }

        _forgot = true;
    }
}
