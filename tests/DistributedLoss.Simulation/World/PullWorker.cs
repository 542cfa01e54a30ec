using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>Pulls: asks for work until it is answered, evaluates one shard at a time, tells what came of it and asks again.</summary>
internal sealed class PullWorker(SimulatedRun run, string name, double slowness) : Worker(run, name, slowness)
{
    private const double AskAgainSeconds = 1;

    private Output.Assign? _work;
    private long _requests;

    public override void Start()
    {
        Report(new Input.WorkerJoined(Name));
        Ask();
    }

    public override void Leave()
    {
        Run.Trace.Add($"{Name} is asked to end");
        if (_work is { } work)
        {
            Run.Coverage.Count("shard handed back");
            Report(new Input.ShardReturned(Name, work.Shard, work.Attempt));
        }

        Report(new Input.WorkerLeft(Name, "it was stopped"));
        End();
    }

    protected override void Abandon(int shard)
    {
        if (_work?.Shard == shard)
        {
            Run.Coverage.Count("shard abandoned");
            _work = null;
            Ask();
        }
    }

    protected override void Assigned(Output.Assign assign)
    {
        if (_work is not null || assign.Request != _requests)
        {
            Run.Coverage.Count("stale assignment");
            return;
        }

        _work = assign;
        Evaluate(assign.Shard, () => _work == assign, outcome =>
        {
            _work = null;
            Report(outcome switch
            {
                ShardResult result => new Input.ShardFinished(Name, result),
                ShardFailure failure => new Input.ShardFailed(Name, assign.Shard, assign.Attempt, failure),
                _ => throw new ArgumentException($"unknown outcome {outcome}", nameof(assign)),
            });
            Ask();
        });
    }

    private void Ask()
    {
        long number = ++_requests;
        Report(new Input.WorkRequested(Name, number));
        After(TimeSpan.FromSeconds(AskAgainSeconds), () =>
        {
            if (_work is null && _requests == number)
            {
                Ask();
            }
        });
    }
}
