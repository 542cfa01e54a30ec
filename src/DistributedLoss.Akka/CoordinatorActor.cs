using Akka.Actor;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka;

/// <summary>
/// Speaks for a run: turns what workers report, and what becomes of their nodes, into the state machine's inputs, and its outputs into commands. The
/// cluster has one at a time (a cluster singleton).
/// </summary>
internal sealed class CoordinatorActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    private readonly CoordinatorSession _session;
    private readonly FrameLink _link;
    private readonly CancellationToken _cancel;
    private readonly Props? _membership;
    private readonly Dictionary<string, IActorRef> _workers = [];

    // One that leaves before it asks for work cannot take part.
    private readonly HashSet<string> _askers = [];
    private CancellationTokenRegistration _cancelled;

    /// <param name="link">Of this actor alone.</param>
    /// <param name="membership">Makes the child that tells of <see cref="NodeLost"/>; null where there is no cluster to watch.</param>
    public CoordinatorActor(CoordinatorSession session, FrameLink link, Props? membership, CancellationToken cancel)
    {
        (_session, _link, _membership, _cancel) = (session, link, membership, cancel);
        Receive<ReportFrame>(frame => Guard(() => Take(frame)));
        Receive<Terminated>(t => Guard(() => Lose(w => w.Equals(t.ActorRef), "it ended, or its node did")));
        Receive<NodeLost>(lost => Guard(() => Lose(w => w.Path.Address == lost.Node, lost.Reason)));
        Receive<Tick>(_ => Guard(() => Handle(new CoordinatorInput.Tick())));
        Receive<Cancel>(_ => Guard(() => Handle(new CoordinatorInput.Cancel())));
        Receive<Stop>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        _cancelled = _cancel.Register(() => self.Tell(Cancel.Instance));
        if (_membership is not null)
        {
            Context.ActorOf(_membership, "membership");
        }

        Timers.StartPeriodicTimer("tick", Tick.Instance, TickInterval, TickInterval);
        _session.HasSpeaker = true;
    }

    protected override void PostStop()
    {
        _session.HasSpeaker = false;
        _cancelled.Dispose();

        // The node leaves or was removed. If the run goes on, it does so at another, where these workers are not known.
        Guard(() => Lose(_ => true, "the coordinator's node left the cluster"));
    }

    // An actor that cannot go on ends the run: one that began anew would know no worker, and a journal that fails is none.
    private void Guard(Action handle)
    {
        try
        {
            handle();
        }
        catch (Exception e)
        {
            _session.Abort(e);
            Context.Stop(Self);
        }
    }

    private void Take(ReportFrame frame)
    {
        WorkerReport report;
        CoordinatorInput input;
        try
        {
            if (Sender.IsNobody() || Sender.Equals(Context.System.DeadLetters))
            {
                throw new WireException("a frame without a sender, whom nobody could answer");
            }

            if (_link.Receive(Sender, frame) is not { } bytes)
            {
                return;
            }

            report = WireReports.Read(bytes, _session.Plan.Shape);
        }
        catch (Exception e) when (e is WireException or BadInputException)
        {
            // Who speaks another version is told so, as far as it can be understood.
            _session.Log(new RunEvent.MessageRefused($"{Sender.Path}", e.Message));
            return;
        }

        try
        {
            input = ReportInput.Of(report, _session.RunId, _session.Plan);
        }
        catch (WireException e)
        {
            Refuse(report, e.Message);
            return;
        }

        Accept(report, input);
    }

    private void Refuse(WorkerReport report, string reason)
    {
        if (report is WorkerReport.Joined)
        {
            _session.Log(new RunEvent.WorkerRefused(report.Worker, reason));
        }

        // One that reports to another run takes part in none: it may join this one.
        Send(Sender, new WorkerCommand.Release(report.RunId.Length > 0 ? report.RunId : _session.RunId, report.Worker, reason));
    }

    private void Accept(WorkerReport report, CoordinatorInput input)
    {
        // Also where the first message of a worker is another: its coordinator began anew at another node.
        if (report is not WorkerReport.Left && !Sender.Equals(_workers.GetValueOrDefault(report.Worker)))
        {
            // An actor has one name at a time: under a new one, it knows nothing of what it had under the old.
            var sender = Sender;
            Lose(w => w.Equals(sender), $"it began anew as {report.Worker}");
            _workers[report.Worker] = sender;
            Context.Watch(sender);
        }

        if (report is WorkerReport.Requested)
        {
            _askers.Add(report.Worker);
        }
        else if (report is WorkerReport.Left left && _workers.ContainsKey(left.Worker) && !_askers.Contains(left.Worker))
        {
            _session.Log(new RunEvent.WorkerRefused(left.Worker, left.Reason));
        }

        Handle(input);
        if (report is WorkerReport.Joined && _workers.ContainsKey(report.Worker))
        {
            Send(Sender, new WorkerCommand.Run(_session.RunId, report.Worker, Runs.ProgramVersion.Current, _session.Description));
        }

        if (report is WorkerReport.Left)
        {
            Drop(report.Worker);
        }
    }

    private void Lose(Func<IActorRef, bool> isLost, string reason)
    {
        foreach (string worker in _workers.Where(w => isLost(w.Value)).Select(w => w.Key).ToArray())
        {
            Drop(worker);
            Handle(new CoordinatorInput.WorkerLeft(worker, reason));
        }
    }

    private void Handle(CoordinatorInput input) => _session.Handle(input, command =>
    {
        if (_workers.TryGetValue(command.Worker, out var worker))
        {
            Send(worker, command);
            if (command is WorkerCommand.Release)
            {
                Drop(command.Worker);
            }
        }
    });

    private void Drop(string worker)
    {
        _askers.Remove(worker);
        if (_workers.Remove(worker, out var actor))
        {
            Context.Unwatch(actor);
            _link.Forget(actor);
        }
    }

    private void Send(IActorRef worker, WorkerCommand command) => _link.Send(worker, Self, WireCommands.Write(command));

    /// <summary>A node is out of sight, or removed.</summary>
    public sealed record NodeLost(Address Node, string Reason);

    /// <summary>The singleton is to end: its node leaves, or was removed.</summary>
    public sealed class Stop
    {
        public static readonly Stop Instance = new();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed class Cancel
    {
        public static readonly Cancel Instance = new();
    }
}
