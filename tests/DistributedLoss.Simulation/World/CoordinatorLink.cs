using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>One connection of one coordinator to the broker. It takes what lies in the results queue, purges the shards, and says that the broker is ready.</summary>
internal sealed class CoordinatorLink(SimulatedRun run, Action onLost)
{
    private const double MostReconnectSeconds = 1;

    // On its way to the coordinator over this connection: the broker gives it nobody else.
    private readonly HashSet<Input> _delivered = new(ReferenceEqualityComparer.Instance);
    private TimeSpan _lastNews;

    public bool IsOpen { get; private set; }

    private bool IsClosed { get; set; }

    private Broker Broker => run.Broker!;

    public void Open()
    {
        if (IsClosed)
        {
            return;
        }

        if (!Broker.IsUp)
        {
            run.Clock.After(run.Dice.UpTo(MostReconnectSeconds), Open);
            return;
        }

        IsOpen = true;
        Broker.Open(this);
        foreach (var report in Broker.Reports.ToArray())
        {
            _delivered.Add(report);
            Handle(report);
            if (!IsOpen)
            {
                return;
            }
        }

        Broker.Purge();
        _lastNews = run.Clock.Now;
        run.Coordinator.Deliver(new Input.BrokerReady());
    }

    public void Close()
    {
        IsClosed = true;
        IsOpen = false;
        Broker.Close(this);
    }

    /// <summary>From the broker's side.</summary>
    public void Lost()
    {
        Close();
        onLost();
    }

    public void Publish(Output.Offer offer)
    {
        if (IsOpen)
        {
            Broker.Publish(this, offer);
        }
    }

    public void Receive(Input report)
    {
        if (!_delivered.Add(report))
        {
            return;
        }

        run.Clock.After(run.Dice.UpTo(Network.UsualDelaySeconds), () =>
        {
            if (IsOpen)
            {
                Handle(report);
            }
        });
    }

    /// <summary>As the engine does: without news for long, and with an empty queue, what is open is offered again.</summary>
    public void LookForStall()
    {
        if (IsOpen && run.Clock.Now - _lastNews > run.Scenario.StallLimit && !Broker.HasShards)
        {
            run.Coverage.Count("stall");
            _lastNews = run.Clock.Now;
            run.Coordinator.Deliver(new Input.BrokerReady());
        }
    }

    public void News() => _lastNews = run.Clock.Now;

    private void Handle(Input report)
    {
        News();
        run.Coordinator.Deliver(report);
        if (!IsOpen)
        {
            return;
        }

        if (run.Faults.Strikes(Fault.CoordinatorCut))
        {
            run.Trace.Add($"coordinator loses its connection ahead of an acknowledgement");
            Lost();
            return;
        }

        run.Coordinator.Then(() => Broker.AcknowledgeReport(report));
    }
}
