using Input = DistributedLoss.Coordination.CoordinatorInput;

namespace DistributedLoss.Simulation.World;

/// <summary>Hires workers, strikes them, tells the coordinator of those that are gone, and replaces them under other names.</summary>
internal sealed class Staff(SimulatedRun run)
{
    private const double MostPauseSeconds = 20;
    private const double SilenceSeconds = 2;
    private const double Slowness = 20;

    // By all the names that they have had.
    private readonly Dictionary<string, Worker> _workers = [];
    private int _hired;

    // Of which coordinator's life somebody watches over which worker: a new coordinator knows only whom it hears.
    private readonly Dictionary<string, int> _watched = [];

    public void Hire()
    {
        if (run.IsOver)
        {
            return;
        }

        bool isSlow = run.Faults.Strikes(Fault.WorkerSlow);
        string name = $"w{_hired++}";
        double slowness = isSlow ? Slowness : 1;
        Worker worker = run.Broker is null ? new PullWorker(run, name, slowness) : new BrokeredWorker(run, name, slowness);
        _workers.Add(worker.Name, worker);
        run.Trace.Add($"{worker.Name} starts{(isSlow ? ", and is slow" : "")}");
        worker.Start();
        MayStrike(worker, 1);
    }

    public IEnumerable<Worker> Connected => _workers.Values.Where(w => w is BrokeredWorker { IsConnected: true, IsAlive: true }).Distinct();

    public Worker Find(string name) => _workers[name];

    /// <summary>The old name falls silent, which is noticed.</summary>
    public void Rename(Worker worker, Action rename)
    {
        string old = worker.Name;
        rename();
        if (_workers.TryAdd(worker.Name, worker) && old != worker.Name)
        {
            Notice(old, "silent");
        }
    }

    /// <summary>From here on somebody stays alive, and there is nobody who could not say so.</summary>
    public void LeaveOneAlive()
    {
        if (!_workers.Values.Any(w => w.IsAlive && !w.IsPaused && !w.IsSlow))
        {
            Hire();
        }
    }

    /// <summary>Whether the worker dies, stands still or is thought dead within a time, in seconds.</summary>
    public void MayStrike(Worker worker, double within)
    {
        if (run.Faults.Strikes(Fault.WorkerCrashed))
        {
            Later(() => Crash(worker));
        }
        else if (run.Faults.Strikes(Fault.WorkerPaused))
        {
            Later(() => Pause(worker));
        }
        else if (run.Faults.Strikes(Fault.WorkerHung))
        {
            Later(() =>
            {
                run.Trace.Add($"{worker.Name} hangs");
                worker.Pause();
            });
        }
        else if (run.Faults.Strikes(Fault.WorkerSuspected))
        {
            Later(() => TellLeft(worker.Name, "unreachable"));
        }
        else if (run.Broker is not null && run.Faults.Strikes(Fault.WorkerCut))
        {
            Later(() =>
            {
                run.Trace.Add($"{worker.Name} loses its connection");
                run.Broker.Drop(worker);
            });
        }
        else if (run.Faults.Strikes(Fault.WorkerLeaves))
        {
            Later(worker.Leave);
        }

        void Later(Action strike) => run.Clock.After(run.Dice.UpTo(within), () =>
        {
            if (worker is { IsAlive: true, IsPaused: false } && !run.Faults.AreOver)
            {
                strike();
            }
        });
    }

    public void Crash(Worker worker)
    {
        run.Trace.Add($"{worker.Name} dies");
        worker.Die();
        Notice(worker.Name, "connection lost");
        Replace();
    }

    /// <summary>It was released; while the run is not over, another comes instead.</summary>
    public void Ended(Worker worker)
    {
        run.Coverage.Count("worker ended");
        Notice(worker.Name, "connection lost");
        Replace();
    }

    /// <summary>The coordinator hears that name; if nobody has it by now, somebody will notice.</summary>
    public void Heard(string name)
    {
        var worker = Find(name);
        if ((!worker.IsAlive || worker.Name != name) && _watched.GetValueOrDefault(name) != run.Coordinator.Lives)
        {
            Notice(name, "connection lost");
        }
    }

    private void Notice(string name, string reason)
    {
        _watched[name] = run.Coordinator.Lives;
        run.Clock.After(run.Dice.UpTo(SilenceSeconds), () =>
        {
            TellLeft(name, reason);
            if (run.Faults.Strikes(Fault.ReportCopied))
            {
                run.Clock.After(run.Dice.UpTo(SilenceSeconds), () => TellLeft(name, reason));
            }
        });
    }

    private void Replace() => run.Clock.After(run.Dice.UpTo(3), Hire);

    private void Pause(Worker worker)
    {
        var silence = run.Dice.UpTo(MostPauseSeconds);
        run.Trace.Add($"{worker.Name} stands still for {silence}");
        worker.Pause();
        if (run.Scenario.DetectsSilence && silence > TimeSpan.FromSeconds(SilenceSeconds))
        {
            run.Clock.After(TimeSpan.FromSeconds(SilenceSeconds), () =>
            {
                TellLeft(worker.Name, "silent");
                run.Broker?.Drop(worker);
            });
        }

        run.Clock.After(silence, () =>
        {
            run.Trace.Add($"{worker.Name} goes on");
            worker.Continue();
        });
    }

    private void TellLeft(string name, string reason) => run.Coordinator.Deliver(new Input.WorkerLeft(name, reason));
}
