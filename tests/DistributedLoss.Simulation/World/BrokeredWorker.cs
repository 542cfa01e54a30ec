using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;

namespace DistributedLoss.Simulation.World;

/// <summary>
/// Takes one shard at a time from the broker's queue, and acknowledges the delivery when the broker has what came of it. Without a connection it works on,
/// and what the broker has not confirmed goes out again with the next one.
/// </summary>
internal sealed class BrokeredWorker(SimulatedRun run, string name, double slowness) : Worker(run, name, slowness)
{
    private const double MostReconnectSeconds = 2;

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
        After(Run.Dice.UpTo(MostReconnectSeconds), Connect);
    }

    /// <summary>The broker gives it a shard; what is on the way to a connection that is gone does not arrive.</summary>
    public void Deliver(Delivery delivery)
    {
        int connection = _connection;
        After(Run.Dice.UpTo(Network.UsualDelaySeconds), () =>
        {
            if (connection != _connection || _work is not null)
            {
                return;
            }

            _work = delivery;
            Run.Trace.Add($"{Name} gets shard {delivery.Shard} attempt {delivery.Attempt}");
            Report(new Input.ShardTaken(Name, delivery.Shard, delivery.Attempt));
            Evaluate(delivery.Shard, () => _work == delivery && _unconfirmed is null, outcome => Finish(delivery, outcome));
        });
    }

    public override void Leave()
    {
        Run.Trace.Add($"{Name} is asked to end");
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
        Report(new Input.WorkerJoined(Name));
        if (_unconfirmed is not null)
        {
            Run.Coverage.Count("report stored again");
            Send();
        }
        else if (_work is null)
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
        Broker.Acknowledge(work);
        if (_work == work)
        {
            _work = null;
        }

        if (IsConnected && _work is null)
        {
            Broker.Consume(this);
        }
    }
}
