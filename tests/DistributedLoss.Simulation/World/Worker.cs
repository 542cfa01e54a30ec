using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>Pulls: asks for work until it is answered, evaluates one shard at a time, tells what came of it and asks again.</summary>
internal sealed class Worker(SimulatedRun run, string name, double slowness)
{
    private const double AskAgainSeconds = 1;

    // Due while it was paused.
    private readonly Queue<Action> _backlog = [];
    private Output.Assign? _work;
    private long _requests;

    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; private set; }

    public bool IsSlow => slowness > 1;

    public void Start()
    {
        Report(new Input.WorkerJoined(name));
        Ask();
    }

    public void Receive(Output command) => WhenRunning(() =>
    {
        switch (command)
        {
            case Output.Assign assign:
                Begin(assign);
                break;
            case Output.Abandon abandon when _work?.Shard == abandon.Shard:
                run.Coverage.Count("shard abandoned");
                _work = null;
                Ask();
                break;
            case Output.Release:
                IsAlive = false;
                run.Staff.Ended(this);
                break;
        }
    });

    public void Die() => IsAlive = false;

    public void Pause() => IsPaused = true;

    public void Continue()
    {
        IsPaused = false;
        while (!IsPaused && _backlog.TryDequeue(out var action))
        {
            WhenRunning(action);
        }
    }

    private void Begin(Output.Assign assign)
    {
        if (_work is not null || assign.Request != _requests)
        {
            run.Coverage.Count("stale assignment");
            return;
        }

        _work = assign;
        var took = TimeSpan.FromSeconds(slowness * (0.02 + (0.4 * run.Dice.Unit())));
        var began = run.Clock.Now;
        run.Staff.MayStrike(this, 1.5 * took.TotalSeconds);
        run.Clock.After(took / 2, () => WhenRunning(() =>
        {
            if (_work == assign)
            {
                Report(new Input.ShardProgressed(name, assign.Shard, 2));
            }
        }));
        run.Clock.After(took, () => WhenRunning(() =>
        {
            if (_work == assign)
            {
                _work = null;
                Finish(assign, run.Clock.Now - began);
            }
        }));
    }

    private void Finish(Output.Assign work, TimeSpan took)
    {
        switch (run.Evaluate(work.Shard, took))
        {
            case null:
                run.Staff.Crash(this);
                return;
            case ShardResult result:
                Report(new Input.ShardFinished(name, result));
                break;
            case ShardFailure failure:
                Report(new Input.ShardFailed(name, work.Shard, work.Attempt, failure));
                break;
        }

        Ask();
    }

    private void Ask()
    {
        long number = ++_requests;
        Report(new Input.WorkRequested(name, number));
        run.Clock.After(TimeSpan.FromSeconds(AskAgainSeconds), () => WhenRunning(() =>
        {
            if (_work is null && _requests == number)
            {
                Ask();
            }
        }));
    }

    private void Report(Input input) => run.Report(this, input);

    private void WhenRunning(Action action)
    {
        if (IsPaused)
        {
            _backlog.Enqueue(action);
        }
        else if (IsAlive)
        {
            action();
        }
    }
}
