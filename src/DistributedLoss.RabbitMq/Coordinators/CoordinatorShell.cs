using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Runs;
using DistributedLoss.Wire;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Mail = DistributedLoss.RabbitMq.Coordinators.CoordinatorMail;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.RabbitMq.Coordinators;

/// <summary>The mailbox around the <see cref="Coordinator"/>: what the broker brings goes in, what the state machine wants is done. One thread at a time.</summary>
internal sealed partial class CoordinatorShell(
    EngineRun run, RunPlan plan, RabbitMqEngineOptions options, Action<RunEvent> onEvent, IProgress<RunProgress>? progress) : IAsyncDisposable
{
    /// <summary>Frames of results that are not complete.</summary>
    private const long FrameBudget = 1L << 30;

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(3);

    private readonly Channel<Mail> _mailbox = Channel.CreateUnbounded<Mail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ChunkAssembler _frames = new(FrameBudget);
    private readonly ConcurrentDictionary<string, bool> _deadQueues = [];
    private readonly WorkerPresence _presence = new();
    private readonly byte[] _description = WireRuns.Write(run.Id, plan);

    // Null while the broker is away.
    private CoordinatorSession? _session;

    private TimeSpan _announced;
    private TimeSpan _lastNews;
    private Output? _last;
    private JournalWriter? _journal;
    private Task _ended = Task.CompletedTask;

    /// <summary>Slots that took part.</summary>
    public int Workers => _presence.Took;

    /// <param name="connecting">A connection under way already.</param>
    /// <returns>Completed, Failed or Cancelled.</returns>
    /// <exception cref="BrokerException">The broker refuses us, or was away for too long.</exception>
    /// <exception cref="IOException">The run directory's disk is full, or failed.</exception>
    public async Task<Output> RunAsync(Task<BrokerConnection>? connecting, CancellationToken cancel)
    {
        var stop = new CancellationTokenSource();
        var link = new BrokerLink(
            options.Broker,
            $"dloss coordinator {run.Id}",
            options.Patience,
            (reason, pause) => Tell(new Mail.Event(new RunEvent.BrokerAway(options.Broker.ToString(), reason, pause.TotalSeconds))));
        var linking = Task.Run(() => LinkAsync(link, connecting, stop.Token), CancellationToken.None);
        await using var registration = cancel.Register(() => Tell(new Mail.Cancel())).ConfigureAwait(false);
        await using var ticker = new Timer(_ => Tell(new Mail.Tick()), null, TimeSpan.Zero, TickInterval).ConfigureAwait(false);
        bool isOver = false;
        try
        {
            var last = await ReceiveAllAsync().ConfigureAwait(false);
            isOver = true;
            return last;
        }
        finally
        {
            _ended = Task.Run(() => EndAsync(linking, isOver, stop), CancellationToken.None);
        }
    }

    /// <summary>Done when the connection is closed, and nothing is left with the broker of a run that nobody can continue; who waits for the result need not wait for that.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.ConfigureAwait(false);
        if (_journal is not null)
        {
            await _journal.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Log(RunEvent e) => _journal!.Then(() => onEvent(e));

    private void Report()
    {
        if (progress is not null)
        {
            var snapshot = run.Coordinator.Snapshot(run.Now);
            _journal!.Then(() => progress.Report(snapshot));
        }
    }

    private void Tell(Mail mail) => _mailbox.Writer.TryWrite(mail);

    /// <returns>What the run ended with, when all that it depends on is safe.</returns>
    private async Task<Output> ReceiveAllAsync()
    {
        Exception? failure = null;
        _journal = new JournalWriter(options.RunDirectory, e =>
        {
            failure = e;
            Tell(new Mail.Fault(e));
        });
        try
        {
            while (_last is null)
            {
                await ReceiveAsync(await _mailbox.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        finally
        {
            await _journal.DisposeAsync().ConfigureAwait(false);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return _last;
    }

    private async Task LinkAsync(BrokerLink link, Task<BrokerConnection>? connecting, CancellationToken stop)
    {
        try
        {
            await link.RunAsync(connecting, UseAsync, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Tell(new Mail.Fault(e));
        }
    }

    private async Task UseAsync(BrokerConnection connection, CancellationToken stop)
    {
        // Another name each time: queues of a connection that the broker has not given up yet are not ours any more.
        string name = $"{run.Id}-{Guid.NewGuid():N}";
        await using var session = await CoordinatorSession.OpenAsync(connection, _deadQueues, _mailbox.Writer, run.Id, name, options, stop).ConfigureAwait(false);
        Tell(new Mail.SessionBegan(session));
        await Task.WhenAny(connection.Lost, Task.Delay(Timeout.Infinite, stop)).ConfigureAwait(false);
        Tell(new Mail.SessionEnded(session));
    }

    private async Task ReceiveAsync(Mail mail)
    {
        switch (mail)
        {
            case Mail.Tick:
                await TickAsync().ConfigureAwait(false);
                break;
            case Mail.Cancel:
                Feed(new Input.Cancel());
                break;
            case Mail.Event e:
                Log(e.Value);
                break;
            case Mail.SessionBegan { Session: var session }:
                await BeginAsync(session).ConfigureAwait(false);
                break;
            case Mail.SessionEnded { Session: var session }:
                _session = _session == session ? null : _session;
                break;
            case Mail.Fault { Cause: var cause }:
                // As it was thrown, with its own trace.
                ExceptionDispatchInfo.Throw(cause);
                break;
            case Mail.Result result:
                await HearResultAsync(result).ConfigureAwait(false);
                break;
            case Mail.Notice notice:
                HearNotice(notice);
                break;
            case Mail.Dead dead:
                HearDead(dead);
                break;
            default:
                throw new InvalidOperationException($"unknown mail {mail.GetType().Name}");
        }
    }

    private async Task TickAsync()
    {
        Feed(new Input.Tick());
        Report();
        if (_session is null || _last is not null)
        {
            return;
        }

        var silence = options.Broker.Liveness * options.SilentLimits;
        foreach (var (process, slots) in _presence.TakeSilent(silence, run.Now))
        {
            _frames.Forget(process);
            foreach (string worker in slots)
            {
                Feed(new Input.WorkerLeft(worker, $"not heard of for {silence.TotalSeconds:0} s"));
            }
        }

        if (run.Now - _announced >= options.AnnounceInterval)
        {
            Announce();
        }

        await OfferIfSilentAsync().ConfigureAwait(false);
    }

    private async Task BeginAsync(CoordinatorSession session)
    {
        _session = session;
        _isSettlingBacklog = true;
        _lastNews = run.Now;
        _presence.Reset(run.Now);
        Log(new RunEvent.BrokerConnected(options.Broker.ToString(), session.BrokerVersion));
        Announce();
        await OfferIfSettledAsync().ConfigureAwait(false);
    }

    private async Task HearResultAsync(Mail.Result result)
    {
        if (Read(result.Sender, () => _frames.Add(result.Sender, result.Frame)) is { } report)
        {
            Hear(report);
        }

        // Once it is in the journal, or in the ledger of a run that has none, or of no use.
        // Results of a session may be heard ahead of its beginning: unacknowledged, they would keep its further ones away.
        result.Session.CountHeard();
        _journal!.Then(() => result.Session.Acknowledge(result));
        await OfferIfSettledAsync().ConfigureAwait(false);
    }

    private void HearNotice(Mail.Notice notice)
    {
        if (Read(notice.Sender, () => notice.Report) is { } report)
        {
            Hear(report);
        }
    }

    private void HearDead(Mail.Dead dead)
    {
        try
        {
            var assignment = WireShards.ReadAssignment(dead.Assignment);
            int shard = assignment.Shard.Index;
            if ((uint)shard < plan.Shards.Count && plan.Shards[shard].Id == assignment.Shard.Id)
            {
                Feed(new Input.ShardDead(shard, dead.Deliveries));
            }
        }
        catch (WireException e)
        {
            Log(new RunEvent.MessageRefused("the broker", e.Message));
        }

        dead.Session.Acknowledge(dead);
    }

    private WorkerReport? Read(string sender, Func<byte[]?> message)
    {
        try
        {
            return message() is { } bytes ? WireReports.Read(bytes, plan.Shape) : null;
        }
        catch (Exception e) when (e is WireException or BadInputException)
        {
            Log(new RunEvent.MessageRefused(sender, e.Message));
            return null;
        }
    }

    private void Hear(WorkerReport report)
    {
        Input input;
        try
        {
            input = ReportInput.Of(report, run.Id, plan);
        }
        catch (WireException e)
        {
            Log(report is WorkerReport.Joined ? new RunEvent.WorkerRefused(report.Worker, e.Message) : new RunEvent.MessageRefused(report.Worker, e.Message));
            return;
        }

        switch (report)
        {
            case WorkerReport.Joined { RunId.Length: 0 }:
                // It has been told of no run yet: it joins when it has the run's inputs.
                Command(new WorkerCommand.Run(run.Id, report.Worker, ProgramVersion.Current, _description));
                return;
            case WorkerReport.Left left when !_presence.Leave(left.Worker):
                Log(new RunEvent.WorkerRefused(left.Worker, left.Reason));
                return;
            case WorkerReport.Left:
                Feed(input);
                return;
            case WorkerReport.Joined:
                _presence.Join(report.Worker, run.Now);
                break;
            default:
                _lastNews = run.Now;
                _presence.Join(report.Worker, run.Now);
                break;
        }

        Feed(input);
    }

    private void Feed(Input input)
    {
        if (_last is not null)
        {
            return;
        }

        foreach (var output in run.Coordinator.Handle(input, run.Now))
        {
            Do(output);
        }

        OfferNext();
    }

    private void Do(Output output)
    {
        switch (output)
        {
            case Output.Offer offer:
                _offers.Add(offer.Shard, offer.Attempt);
                break;
            case Output.Abandon abandon:
                Command(new WorkerCommand.Abandon(run.Id, abandon.Worker, abandon.Shard));
                break;
            case Output.Release release:
                Command(new WorkerCommand.Release(run.Id, release.Worker, run.Coordinator.IsOver ? "the run is over" : "it was taken for gone"));
                break;
            case Output.Journal journal:
                _journal!.Append(journal.Result);
                _offers.Settle(journal.Result.Shard);
                break;
            case Output.Log log:
                Log(log.Event);
                break;
            case Output.Completed or Output.Failed or Output.Cancelled:
                Report();
                _last = output;
                break;
            default:
                throw new InvalidOperationException($"{output.GetType().Name} is nothing that a brokered run asks for");
        }
    }

    private void Command(WorkerCommand command) =>
        _session?.Outbox.NotifyInFrames(Topology.Commands(command.Worker), WireCommands.Write(command));

    private void Announce()
    {
        _announced = run.Now;
        _session!.Outbox.Notify(Topology.Announcements, "", WireAnnouncements.Write(new RunAnnouncement(
            run.Id, ProgramVersion.Current, _session.Name, plan.Shards.Count, run.Ledger.Settled, plan.Rows)));
    }

    private async Task EndAsync(Task linking, bool isOver, CancellationTokenSource stop)
    {
        using (stop)
        {
            // A run that is kept and ended without an outcome may be continued: its results wait for that, and workers go on with what they have begun.
            if ((isOver || options.RunDirectory is null) && _session is { } session)
            {
                await TidyUpAsync(session).ConfigureAwait(false);
            }

            await stop.CancelAsync().ConfigureAwait(false);
            await linking.ConfigureAwait(false);
        }
    }

    private static async Task TidyUpAsync(CoordinatorSession session)
    {
        using var limit = new CancellationTokenSource(FarewellLimit);
        try
        {
            await session.DeleteQueuesAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The broker is away or slow; the queues expire.
        }
    }
}
