using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;

namespace DistributedLoss.Simulation.World;

/// <summary>
/// Has a shard from the broker's queue and a next one at hand, and acknowledges a delivery when the broker has what came of it. Without a connection it works
/// on, and what the broker has not confirmed goes out again with the next one, over which it has another name.
/// </summary>
internal sealed class BrokeredWorker(SimulatedRun run, string name, double slowness) : Worker(run, name, slowness)
{
    private const double MostReconnectSeconds = 2;

    private const int Prefetch = 2;

    private readonly string _host = name;
    private readonly Queue<Delivery> _waiting = [];
    private Delivery? _work;
    private (Input Report, Action OnConfirmed)? _unconfirmed;
    private int _connection;

    public bool IsConnected { get; private set; }

    private Broker Broker => Run.Broker!;

    public override void Start() => Connect();

    public override void Disconnected()
    {
        IsConnected = false;
        _connection++;
        _waiting.Clear();
        After(Run.Dice.UpTo(MostReconnectSeconds), Connect);
    }

    /// <summary>The broker gives it a shard; what is on the way to a connection that is gone does not arrive.</summary>
    public void Deliver(Delivery delivery)
    {
        int connection = _connection;
        After(Run.Dice.UpTo(Network.UsualDelaySeconds), () =>
        {
            if (connection == _connection)
            {
                _waiting.Enqueue(delivery);
                Next();
            }
        });
    }

    public override void Leave()
    {
        Run.Trace.Add($"{Name} is asked to end");
        while (_waiting.TryDequeue(out var waiting))
        {
            Broker.Return(waiting);
        }

        if (_work is { } work && _unconfirmed is null)
        {
            Run.Coverage.Count("shard handed back");
            Store(new Input.ShardReturned(Name, work.Shard, work.Attempt), () =>
            {
                Broker.Acknowledge(work);
                End();
            });
        }
        else
        {
            End();
        }
    }

    protected override void Abandon(int shard)
    {
        if (_work is { } work && work.Shard == shard && _unconfirmed is null)
        {
            Run.Coverage.Count("shard abandoned");
            Free(work);
        }

        for (int i = _waiting.Count; i > 0; i--)
        {
            var waiting = _waiting.Dequeue();
            if (waiting.Shard == shard)
            {
                Acknowledge(waiting);
            }
            else
            {
                _waiting.Enqueue(waiting);
            }
        }
    }

    private void Next()
    {
        if (_work is not null || !_waiting.TryDequeue(out var delivery))
        {
            return;
        }

        _work = delivery;
        Run.Trace.Add($"{Name} begins shard {delivery.Shard} attempt {delivery.Attempt}");
        Report(new Input.ShardTaken(Name, delivery.Shard, delivery.Attempt));
        Evaluate(delivery.Shard, () => _work == delivery && _unconfirmed is null, outcome => Finish(delivery, outcome));
    }

    private void Connect()
    {
        if (IsConnected)
        {
            return;
        }

        if (!Broker.IsUp)
        {
            After(Run.Dice.UpTo(MostReconnectSeconds), Connect);
            return;
        }

        IsConnected = true;
        Run.Staff.Rename(this, () => Name = $"{_host}-{_connection}");
        Report(new Input.WorkerJoined(Name));
        if (_unconfirmed is not null)
        {
            Run.Coverage.Count("report stored again");
            Send();
        }
        else if (_work is { } work)
        {
            Report(new Input.ShardTaken(Name, work.Shard, work.Attempt));
        }

        for (int i = 0; i < Prefetch; i++)
        {
            Broker.Consume(this);
        }
    }

    private void Finish(Delivery work, object outcome)
    {
        switch (outcome)
        {
            case ShardResult result:
                Store(new Input.ShardFinished(Name, result), () => Free(work));
                break;
            case ShardFailure failure:
                Store(new Input.ShardFailed(Name, work.Shard, work.Attempt, failure), () => After(Run.Scenario.Options.RetryElsewhere, () => Free(work)));
                break;
        }
    }

    private void Store(Input report, Action onConfirmed)
    {
        _unconfirmed = (report, onConfirmed);
        Send();
    }

    private void Send()
    {
        if (!IsConnected || _unconfirmed is not { } stored)
        {
            return;
        }

        int connection = _connection;
        Broker.Store(this, stored.Report, () => WhenRunning(() =>
        {
            if (connection == _connection)
            {
                _unconfirmed = null;
                stored.OnConfirmed();
            }
        }));
    }

    private void Free(Delivery work)
    {
        Acknowledge(work);
        if (_work == work)
        {
            _work = null;
        }

        Next();
    }

    // Of an earlier connection it makes no room in this one.
    private void Acknowledge(Delivery delivery)
    {
        if (Broker.Acknowledge(delivery) && IsConnected)
        {
            Broker.Consume(this);
        }
    }
}
