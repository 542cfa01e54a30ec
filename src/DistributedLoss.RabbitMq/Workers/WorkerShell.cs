using System.Diagnostics;
using System.Threading.Channels;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Wire;
using Mail = DistributedLoss.RabbitMq.Workers.WorkerMail;

namespace DistributedLoss.RabbitMq.Workers;

/// <summary>The mailbox of a worker process: slots, deliveries and reports. One thread at a time; what takes long is done elsewhere, and told here.</summary>
internal sealed partial class WorkerShell
{
    /// <summary>Liveness limits for which a report may stay unconfirmed: a broker that is busy takes long, but not so long.</summary>
    private const int UnconfirmedLimits = 3;

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    // What is stored when the grace time ends has the broker's round trip to go.
    private static readonly TimeSpan LastReports = TimeSpan.FromSeconds(3);

    private readonly RabbitMqWorkerOptions _options;
    private readonly Action<RunEvent> _onEvent;
    private readonly string _host = $"{HostName()}-{Environment.ProcessId}";
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Channel<Mail> _mailbox = Channel.CreateUnbounded<Mail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly WorkerSlot[] _slots;
    private readonly HashSet<PendingReport> _reports = [];

    // Null while the broker is away.
    private WorkerSession? _session;

    // The process's name, also while there is no session.
    private string _process;
    private TimeSpan? _stopping;
    private string _stopReason = "";
    private TimeSpan _lastShard;

    // When a report was confirmed last, or the first of those that wait was stored.
    private TimeSpan _lastStored;
    private int _shards;
    private long _served;

    public WorkerShell(RabbitMqWorkerOptions options, Action<RunEvent> onEvent)
    {
        (_options, _onEvent) = (options, onEvent);
        _slots = [.. Enumerable.Range(1, options.Slots).Select(n => new WorkerSlot(n, _mailbox.Writer))];
        _process = _host;
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    private bool IsStopping => _stopping is not null;

    // A delivery at hand for whoever is done first; each is one that no idle worker gets.
    private ushort Prefetch => (ushort)(_slots.Length + Math.Max(1, _slots.Length / 4));

    public async Task RunAsync(CancellationToken stop)
    {
        using var end = new CancellationTokenSource();
        _onEvent(new RunEvent.WorkerStarted(_host, _slots.Length, RabbitMqEngine.EngineName, _options.Version, RowKernel.Default.Name));
        foreach (var slot in _slots)
        {
            slot.Start();
        }

        var link = new BrokerLink(
            _options.Broker,
            $"dloss worker {_host}",
            _options.Patience,
            (reason, pause) => Tell(new Mail.Event(new RunEvent.BrokerAway(_options.Broker.ToString(), reason, pause.TotalSeconds))));
        var linking = Task.Run(() => LinkAsync(link, end.Token), CancellationToken.None);
        await using var registration = stop.Register(() => Tell(new Mail.Stop())).ConfigureAwait(false);
        await using var ticker = new Timer(_ => Tell(new Mail.Tick()), null, TickInterval, TickInterval).ConfigureAwait(false);
        try
        {
            while (!IsDone())
            {
                Receive(await _mailbox.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false));
            }

            await LeaveAsync().ConfigureAwait(false);
            _onEvent(new RunEvent.WorkerStopped(_host, _shards, _stopReason));
        }
        finally
        {
            foreach (var slot in _slots)
            {
                slot.End();
            }

            await end.CancelAsync().ConfigureAwait(false);
            await linking.ConfigureAwait(false);
        }
    }

    private void Tell(Mail mail) => _mailbox.Writer.TryWrite(mail);

    private async Task LinkAsync(BrokerLink link, CancellationToken end)
    {
        try
        {
            await link.RunAsync(null, UseAsync, end).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Tell(new Mail.BrokerGone(e));
        }
    }

    private async Task UseAsync(BrokerConnection connection, CancellationToken end)
    {
        // A coordinator that took this process for gone never takes it back under its old name.
        string process = $"{_host}-{Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4))}";
        await using var session = await WorkerSession.OpenAsync(connection, _mailbox.Writer, process, end).ConfigureAwait(false);
        Tell(new Mail.SessionBegan(session));
        await Task.WhenAny(connection.Lost, Task.Delay(Timeout.Infinite, end)).ConfigureAwait(false);
        Tell(new Mail.SessionEnded(session));
    }

    private void Receive(Mail mail)
    {
        switch (mail)
        {
            case Mail.Tick:
                Tick();
                break;
            case Mail.Stop:
                Stop("asked to stop");
                break;
            case Mail.Event e:
                _onEvent(e.Value);
                break;
            case Mail.SessionBegan began:
                Begin(began.Session);
                break;
            case Mail.SessionEnded ended:
                EndSession(ended.Session);
                break;
            case Mail.BrokerGone { Cause: var cause }:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
                break;
            case Mail.Message message:
                HearMessage(message);
                break;
            case Mail.Prepared prepared:
                HearPrepared(prepared);
                break;
            case Mail.Subscribed subscribed:
                HearSubscribed(subscribed);
                break;
            case Mail.Unsubscribed unsubscribed:
                HearUnsubscribed(unsubscribed);
                break;
            case Mail.Delivered delivered:
                Deliver(delivered.Run, delivered.Delivery);
                break;
            case Mail.Evaluated evaluated:
                HearEvaluated(evaluated);
                break;
            case Mail.Stored stored:
                HearStored(stored.Report, stored.IsKept);
                break;
            case Mail.Rested rested:
                rested.Slot.IsResting = false;
                Acknowledge(rested.Report.Delivery);
                Dispatch();
                break;
            default:
                throw new InvalidOperationException($"unknown mail {mail.GetType().Name}");
        }
    }

    private void Begin(WorkerSession session)
    {
        _session = session;
        _process = session.Process;
        _lastStored = Now;
        _onEvent(new RunEvent.BrokerConnected(_options.Broker.ToString(), session.BrokerVersion));
        foreach (var report in _reports)
        {
            Store(report, session);
        }

        foreach (var run in _runs.Values.Where(r => r.State == WorkerRunState.Joined))
        {
            Subscribe(run);
        }
    }

    private void EndSession(WorkerSession session)
    {
        if (_session != session)
        {
            return;
        }

        // Whatever was delivered and not begun the broker gives to others, or again to us.
        _session = null;
        foreach (var run in _runs.Values)
        {
            run.Subscription = null;
            run.IsSubscribing = false;
            run.Waiting.Clear();
        }
    }

    private void Tick()
    {
        foreach (var slot in _slots)
        {
            if (slot.Job is var (run, delivery))
            {
                _lastShard = Now;
                Report(run, new WorkerReport.Progressed(run.Id, run.NameOf(_process, slot.Number), delivery.Shard.Index, Math.Min(slot.RowsDone, delivery.Shard.Rows)));
            }
        }

        TickRuns();
        if (_session is { } session && _reports.Count > 0 && Now - _lastStored >= UnconfirmedLimits * _options.Broker.Liveness)
        {
            // Whatever became of the confirmation, the shards stay ours, and keep others away: over another connection all is said again.
            session.Abort($"the broker has confirmed no report for {(Now - _lastStored).TotalSeconds:0} s");
        }

        if (_stopping is { } since && Now - since >= _options.Grace)
        {
            foreach (var slot in _slots.Where(s => s.Job is not null && s.StopReason is null))
            {
                slot.StopShard($"it was not done {_options.Grace.TotalSeconds:0.#} s after the worker was asked to stop", handsBack: true);
            }
        }

        if (!IsStopping && _options.IdleLimit is { } limit && Now - _lastShard >= limit && _reports.Count == 0)
        {
            Stop($"nothing to do for {limit.TotalSeconds:0.#} s");
        }
    }

    private void Stop(string reason)
    {
        if (IsStopping)
        {
            return;
        }

        _stopping = Now;
        _stopReason = reason;
        foreach (var run in _runs.Values)
        {
            run.Subscription?.Cancel();
            ReturnWaiting(run);
        }
    }

    private bool IsDone() => IsStopping
        && ((_slots.All(s => s.Job is null) && _reports.Count == 0) || Now - _stopping >= _options.Grace + LastReports);

    private async Task LeaveAsync()
    {
        foreach (var run in _runs.Values.Where(r => r.State == WorkerRunState.Joined))
        {
            foreach (var slot in _slots)
            {
                Report(run, new WorkerReport.Left(run.Id, run.NameOf(_process, slot.Number), _stopReason));
            }
        }

        if (_session is { } session)
        {
            await Task.WhenAny(session.Outbox.FlushAsync(), Task.Delay(LastReports)).ConfigureAwait(false);
        }
    }

    // Names go into queues' names and log lines.
    private static string HostName()
    {
        string name = new([.. Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.').Take(60)]);
        return name.Length > 0 ? name : "host";
    }
}
