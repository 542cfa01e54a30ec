using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>One message of the queue of shards, with whoever has it. Equal to no other: a shard may be there twice.</summary>
internal sealed class Delivery(int shard, int attempt, long returns, Worker worker)
{
    public int Shard => shard;

    public int Attempt => attempt;

    public long Returns => returns;

    public Worker Worker => worker;
}

/// <summary>
/// A broker with a run's three quorum queues: shards go to one worker each, come back to the head when its connection ends, and are dead-lettered when that
/// happens too often; results and dead letters stay until the coordinator acknowledges them. What it has confirmed outlives its restarts.
/// </summary>
internal sealed class Broker(SimulatedRun run)
{
    private const double MostDownSeconds = 3;

    private readonly LinkedList<(int Shard, int Attempt, long Returns)> _ready = [];
    private readonly HashSet<Delivery> _unacknowledged = [];

    // Once for each shard that may be sent.
    private readonly List<BrokeredWorker> _idle = [];
    private readonly List<Input> _reports = [];
    private CoordinatorLink? _coordinator;
    private int _restarts;
    private int _purges;

    public bool IsUp { get; private set; } = true;

    public bool HasShards => _ready.Count > 0;

    public IReadOnlyList<Input> Reports => _reports;

    public void Open(CoordinatorLink coordinator) => _coordinator = coordinator;

    public void Close(CoordinatorLink coordinator)
    {
        if (_coordinator == coordinator)
        {
            _coordinator = null;
        }
    }

    /// <summary>Also of what is on its way, as far as that comes first.</summary>
    public void Purge()
    {
        _ready.Clear();
        _purges++;
    }

    /// <summary>Arrives, unless broker or connection end first; then it may be there or not.</summary>
    public void Publish(CoordinatorLink from, Output.Offer offer)
    {
        (int restarts, int purges) = (_restarts, _purges);
        run.Clock.After(run.Dice.UpTo(Network.UsualDelaySeconds), () =>
        {
            if ((_coordinator != from || restarts != _restarts || purges != _purges) && run.Dice.Chance(0.5))
            {
                run.Coverage.Count("offer lost with its connection");
                return;
            }

            _ready.AddLast((offer.Shard, offer.Attempt, 0));
            if (run.Faults.Strikes(Fault.OfferCopied))
            {
                _ready.AddLast((offer.Shard, offer.Attempt, 0));
            }

            Dispatch();
        });
    }

    /// <summary>For one more shard, when there is one.</summary>
    public void Consume(BrokeredWorker worker)
    {
        _idle.Add(worker);
        Dispatch();
    }

    /// <returns>False where the connection that had it is gone: then another has it, or will.</returns>
    public bool Acknowledge(Delivery delivery) => _unacknowledged.Remove(delivery);

    /// <summary>It goes to another worker, or to the same again.</summary>
    public void Return(Delivery delivery)
    {
        if (_unacknowledged.Remove(delivery))
        {
            Requeue(delivery);
            Dispatch();
        }
    }

    public void Store(BrokeredWorker worker, Input report, Action onConfirmed)
    {
        int restarts = _restarts;
        run.Clock.After(run.Dice.UpTo(Network.UsualDelaySeconds), () =>
        {
            if ((!worker.IsConnected || restarts != _restarts) && run.Dice.Chance(0.5))
            {
                return;
            }

            Keep(report);
            if (restarts != _restarts)
            {
                return;
            }

            if (run.Faults.Strikes(Fault.ConfirmLost))
            {
                run.Trace.Add($"{worker.Name} loses its connection ahead of a confirmation");
                Drop(worker);
                return;
            }

            run.Clock.After(run.Dice.UpTo(Network.UsualDelaySeconds), onConfirmed);
            if (run.Faults.Strikes(Fault.BrokerRestarted))
            {
                Restart();
            }
        });
    }

    /// <summary>The coordinator has dealt with it.</summary>
    public void AcknowledgeReport(Input report) => _reports.RemoveAll(r => ReferenceEquals(r, report));

    /// <summary>What a worker had goes to others.</summary>
    public void Disconnect(Worker worker)
    {
        _idle.RemoveAll(w => w == worker);
        foreach (var delivery in _unacknowledged.Where(d => d.Worker == worker).ToArray())
        {
            _unacknowledged.Remove(delivery);
            Requeue(delivery);
        }

        Dispatch();
    }

    /// <summary>A connection ends, and both sides know.</summary>
    public void Drop(Worker worker)
    {
        Disconnect(worker);
        worker.Disconnected();
    }

    private void Keep(Input report)
    {
        _reports.Add(report);
        _coordinator?.Receive(report);
    }

    private void Requeue(Delivery delivery)
    {
        run.Coverage.Count("shard redelivered");
        if (delivery.Returns >= run.Scenario.Options.MaxLosses)
        {
            run.Trace.Add($"broker gives up shard {delivery.Shard} attempt {delivery.Attempt}");
            run.Coverage.Count("shard dead-lettered");
            Keep(new Input.ShardDead(delivery.Shard, delivery.Returns + 1));
        }
        else
        {
            _ready.AddFirst((delivery.Shard, delivery.Attempt, delivery.Returns + 1));
        }
    }

    private void Dispatch()
    {
        while (IsUp && _ready.First is { Value: var (shard, attempt, returns) } && _idle.Count > 0)
        {
            int next = run.Dice.Below(_idle.Count);
            var worker = _idle[next];
            _idle.RemoveAt(next);
            _ready.RemoveFirst();
            var delivery = new Delivery(shard, attempt, returns, worker);
            _unacknowledged.Add(delivery);
            worker.Deliver(delivery);
        }
    }

    private void Restart()
    {
        run.Trace.Add($"broker restarts");
        IsUp = false;
        _restarts++;
        foreach (var worker in run.Staff.Connected.ToArray())
        {
            Drop(worker);
        }

        _coordinator?.Lost();
        run.Clock.After(run.Dice.UpTo(MostDownSeconds), () =>
        {
            IsUp = true;
            Dispatch();
        });
    }
}
