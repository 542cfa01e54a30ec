using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>A worker process of one slot, which may be slow, stand still and die.</summary>
internal abstract class Worker(SimulatedRun run, string name, double slowness)
{
    // Due while it stood still.
    private readonly Queue<Action> _backlog = [];

    /// <summary>Over a broker another with each connection.</summary>
    public string Name { get; protected set; } = name;

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; private set; }

    public bool IsSlow => slowness > 1;

    protected SimulatedRun Run => run;

    public abstract void Start();

    /// <summary>It has been asked to end, and hands back what it has.</summary>
    public abstract void Leave();

    /// <summary>Its connection to the broker is gone; without a broker nothing.</summary>
    public virtual void Disconnected()
    {
    }

    public void Receive(Output command) => WhenRunning(() =>
    {
        switch (command)
        {
            case Output.Assign assign:
                Assigned(assign);
                break;
            case Output.Abandon abandon:
                Abandon(abandon.Shard);
                break;
            case Output.Release:
                End();
                break;
        }
    });

    /// <summary>In one moment, and without a word.</summary>
    public void Die()
    {
        IsAlive = false;
        run.Broker?.Disconnect(this);
    }

    public void Pause() => IsPaused = true;

    public void Continue()
    {
        IsPaused = false;
        while (!IsPaused && _backlog.TryDequeue(out var action))
        {
            WhenRunning(action);
        }
    }

    protected abstract void Abandon(int shard);

    protected virtual void Assigned(Output.Assign assign) => throw new ViolationException($"a worker is assigned shard {assign.Shard}, and a broker gives them out");

    protected void End()
    {
        Die();
        run.Staff.Ended(this);
    }

    /// <param name="goesOn">Whether it is still of interest.</param>
    /// <param name="onDone">Told of a result or of a failure.</param>
    protected void Evaluate(int shard, Func<bool> goesOn, Action<object> onDone)
    {
        var took = TimeSpan.FromSeconds(slowness * (0.02 + (0.4 * run.Dice.Unit())));
        var began = run.Clock.Now;
        run.Staff.MayStrike(this, 1.5 * took.TotalSeconds);
        After(took / 2, () =>
        {
            if (goesOn())
            {
                Report(new Input.ShardProgressed(Name, shard, 2));
            }
        });
        After(took, () =>
        {
            if (!goesOn())
            {
                return;
            }

            if (run.Evaluate(shard, run.Clock.Now - began) is { } outcome)
            {
                onDone(outcome);
            }
            else
            {
                run.Staff.Crash(this);
            }
        });
    }

    /// <summary>May be lost.</summary>
    protected void Report(Input input) => run.Report(this, input);

    protected void After(TimeSpan delay, Action action) => run.Clock.After(delay, () => WhenRunning(action));

    protected void WhenRunning(Action action)
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
