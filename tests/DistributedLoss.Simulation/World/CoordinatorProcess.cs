using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>The process around the state machine: does what it says, in order, and may die between any two things; then the next begins from the journal.</summary>
internal sealed class CoordinatorProcess(SimulatedRun run) : IDisposable
{
    public const double MostDownSeconds = 3;

    private readonly ISimulatedJournal _journal = ISimulatedJournal.Open(run.Scenario);

    // Results that wait for the disk, and what waits for them.
    private readonly Queue<(ShardResult? Result, Action? Then)> _behind = [];
    private Coordinator? _coordinator;
    private CoordinatorLink? _link;
    private TimeSpan _began;

    /// <summary>How often it began.</summary>
    public int Lives { get; private set; }

    /// <summary>What was to be done for each message, over all lives: how much, and which of it is to write a line; -1 for none.</summary>
    public List<(int Outputs, int Journal)> Steps { get; } = [];

    /// <summary>Completed or Failed; null while the run is not over.</summary>
    public Output? End { get; private set; }

    public void Start()
    {
        var plan = run.Scenario.Dump.Plan;
        var ledger = run.Mutant.NewLedger(plan);
        var resumed = _journal.Resume(ledger);
        Lives++;
        run.Trace.Add($"coordinator begins, for the {Lives}. time, with {resumed.Shards} shards done");
        if (Lives > 1)
        {
            run.Coverage.Count("coordinator restarted");
            run.Coverage.Count("shards resumed", resumed.Shards);
            run.Coverage.Count("torn lines dropped", resumed.DroppedBytes > 0 ? 1 : 0);
        }

        run.Referee.Began(ledger, resumed.Shards);
        _coordinator = new Coordinator(plan, ledger, run.Scenario.Options);
        _began = run.Clock.Now;
        TickLater(Lives);
        if (run.Broker is not null)
        {
            Connect(TimeSpan.Zero);
        }
    }

    /// <summary>Brokered: whether it has an inbox.</summary>
    public bool HearsNotices => _link is { IsOpen: true };

    /// <summary>A message to a coordinator that is not there is lost.</summary>
    public void Deliver(Input input)
    {
        if (_coordinator is null)
        {
            run.Trace.Add($"nobody there: {input}");
            run.Coverage.Count("message to nobody");
            return;
        }

        run.Coverage.Count(input.GetType().Name);
        if (input is Input.ShardTaken or Input.ShardProgressed)
        {
            _link?.News();
        }

        run.Referee.Hears(input);
        foreach (var mutated in run.Mutant.Hears(input))
        {
            Handle(mutated);
        }
    }

    /// <summary>As soon as all results so far are safe; nothing of it where the coordinator dies before.</summary>
    public void Then(Action action)
    {
        if (_behind.Count == 0)
        {
            action();
        }
        else
        {
            _behind.Enqueue((null, action));
        }
    }

    public void Dispose() => _journal.Dispose();

    private void Handle(Input input)
    {
        run.Trace.Add($"> {input}");
        var outputs = run.Mutant.Says(_coordinator!.Handle(input, run.Clock.Now - _began));
        int journal = outputs.TakeWhile(o => o is not Output.Journal).Count();
        Steps.Add((outputs.Count, journal < outputs.Count ? journal : -1));
        int? crash = run.CrashAt is { } at
            ? (at.Step == Steps.Count - 1 && at.Output <= outputs.Count ? at.Output : null)
            : run.Faults.Strikes(Fault.CoordinatorCrashed) ? CrashAhead(outputs.Count, journal) : null;
        for (int i = 0; i < outputs.Count; i++)
        {
            if (i == crash)
            {
                Crash(i > 0 ? outputs[i - 1] : null, outputs[i]);
                return;
            }

            var output = outputs[i];
            run.Trace.Add($"    {output}");
            run.Referee.Says(output);
            if (output is Output.Completed or Output.Failed or Output.Cancelled)
            {
                Then(() =>
                {
                    run.Referee.Ends(output);
                    Do(output);
                });
            }
            else
            {
                Do(output);
            }
        }

        if (End is not null)
        {
            _coordinator = null;
            return;
        }

        if (_coordinator is null)
        {
            // Cancelled.
            return;
        }

        run.Referee.Handled();
        if (crash is not null)
        {
            Crash(outputs.Count > 0 ? outputs[^1] : null, next: null);
        }
    }

    // The journal is where it hurts: often ahead of it, or right behind it.
    private int CrashAhead(int outputs, int journal) =>
        journal < outputs && run.Dice.Chance(0.7) ? journal + run.Dice.Below(2) : run.Dice.Below(outputs + 1);

    private void Do(Output output)
    {
        switch (output)
        {
            case Output.Journal { Result: var result } when run.Scenario.FlushSeconds > 0:
                _behind.Enqueue((result, null));
                FlushLater();
                break;
            case Output.Journal { Result: var result }:
                Keep(result);
                break;
            case Output.Log { Event: var e }:
                run.Coverage.Count(e.GetType().Name);
                break;
            case Output.Completed or Output.Failed:
                run.Coverage.Count(output.GetType().Name);
                End = output;
                break;
            case Output.Cancelled:
                run.Coverage.Count("Cancelled");
                Die();
                break;
            case Output.Offer offer:
                run.Coverage.Count("Offer");
                _link!.Publish(offer);
                break;
            case Output.Assign assign:
                run.Coverage.Count("Assign");
                run.Command(assign.Worker, assign);
                break;
            case Output.Abandon abandon:
                run.Command(abandon.Worker, abandon);
                break;
            case Output.Release release:
                run.Command(release.Worker, release);
                break;
            default:
                throw new InvalidOperationException($"unknown output {output.GetType().Name}");
        }
    }

    private void Keep(ShardResult result)
    {
        run.Mutant.Append(_journal, result);
        run.Referee.Journalled(result);
    }

    private void FlushLater()
    {
        int life = Lives;
        run.Clock.After(run.Dice.UpTo(run.Scenario.FlushSeconds), () =>
        {
            while (life == Lives && _coordinator is not null && _behind.TryDequeue(out var next))
            {
                if (next.Result is { } result)
                {
                    Keep(result);
                }

                next.Then?.Invoke();
            }

            if (End is not null)
            {
                _coordinator = null;
            }
        });
    }

    private void Crash(Output? previous, Output? next)
    {
        bool isTorn = next is Output.Journal && (run.CrashAt?.IsTorn ?? run.Faults.Strikes(Fault.LineTorn));
        run.Trace.Add($"coordinator dies{(isTorn ? " while it writes" : "")}, ahead of: {next}");
        if (isTorn && _behind.Count == 0)
        {
            _journal.Tear(((Output.Journal)next!).Result, run.Dice.Unit());
        }

        else if (previous is Output.Journal)
        {
            run.Coverage.Count("crash between journal and count");
        }

        // Of what is behind, some may have come to the disk.
        for (int i = run.Dice.Below(_behind.Count + 1); i > 0; i--)
        {
            if (_behind.Dequeue().Result is { } result)
            {
                Keep(result);
            }
        }

        run.Coverage.Count("results lost with the coordinator", _behind.Count(b => b.Result is not null));
        Die();
    }

    private void Die()
    {
        _behind.Clear();
        _journal.Abandon();
        _coordinator = null;
        _link?.Close();
        run.Clock.After(run.Dice.Chance(0.5) ? TimeSpan.Zero : run.Dice.UpTo(MostDownSeconds), Start);
    }

    private void Connect(TimeSpan delay)
    {
        int life = Lives;
        _link = new CoordinatorLink(run, () =>
        {
            if (life == Lives && _coordinator is not null)
            {
                Connect(run.Dice.UpTo(1));
            }
        });
        run.Clock.After(delay, _link.Open);
    }

    private void TickLater(int life) => run.Clock.After(run.Dice.UpTo(run.Scenario.TickSeconds), () =>
    {
        if (life == Lives && _coordinator is not null && End is null)
        {
            Deliver(new Input.Tick());
            _link?.LookForStall();
            TickLater(life);
        }
    });
}
