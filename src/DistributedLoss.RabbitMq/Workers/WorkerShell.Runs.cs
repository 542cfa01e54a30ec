using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Runs;
using DistributedLoss.Wire;
using Mail = DistributedLoss.RabbitMq.Workers.WorkerMail;

namespace DistributedLoss.RabbitMq.Workers;

/// <content>A run's way: announced, asked about, looked at, joined, left.</content>
internal sealed partial class WorkerShell
{
    /// <summary>Commands whose frames are not all there.</summary>
    private const long FrameBudget = 1L << 28;

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(3);

    // A run that is not worked for, and that nobody speaks of any more.
    private static readonly TimeSpan ForgetUnjoined = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, WorkerRun> _runs = [];
    private readonly Dictionary<string, int> _generations = [];
    private readonly ChunkAssembler _frames = new(FrameBudget);
    private TimeSpan _lastBeat;

    private void HearMessage(Mail.Message message)
    {
        if (message.Session != _session)
        {
            return;
        }

        try
        {
            if (message.IsAnnouncement)
            {
                HearAnnouncement(message.Bytes);
            }
            else if (_frames.Add(message.Sender, message.Bytes) is { } command)
            {
                HearCommand(WireCommands.Read(command));
            }
        }
        catch (WireException e)
        {
            _onEvent(new RunEvent.MessageRefused(message.Sender, e.Message));
        }
    }

    private void HearAnnouncement(byte[] bytes)
    {
        RunAnnouncement announcement;
        try
        {
            announcement = WireAnnouncements.Read(bytes);
        }
        catch (WireException e) when (WireHead.Read(bytes) is { RunId.Length: > 0 } head)
        {
            RefuseOnce(head.RunId, "", e.Message);
            return;
        }

        if (announcement.Version != _options.Version)
        {
            RefuseOnce(
                announcement.RunId,
                announcement.Coordinator,
                $"run {announcement.RunId} is of dloss {announcement.Version}, and this worker is dloss {_options.Version}; let one version of dloss do the whole run");
            return;
        }

        Hear(announcement);
    }

    private void Hear(RunAnnouncement announcement)
    {
        if (!_runs.TryGetValue(announcement.RunId, out var run))
        {
            if (!IsStopping)
            {
                _runs[announcement.RunId] = run = new WorkerRun(announcement.RunId, announcement.Coordinator, _generations.GetValueOrDefault(announcement.RunId));
                run.Heard = Now;
                Ask(run);
            }

            return;
        }

        bool isNewCoordinator = run.Coordinator != announcement.Coordinator;
        run.Coordinator = announcement.Coordinator;
        run.Heard = Now;
        switch (run.State)
        {
            case WorkerRunState.Asked when isNewCoordinator || Now - run.Asked >= AskAgain:
                Ask(run);
                break;
            case WorkerRunState.Joined when run.Subscription is null:
                Subscribe(run);
                break;
            case WorkerRunState.Joined when isNewCoordinator:
                Introduce(run);
                break;
            case WorkerRunState.Refused when isNewCoordinator:
                TellRefusal(run);
                break;
        }
    }

    /// <summary>Of another version: said once to the log, and once to each coordinator.</summary>
    private void RefuseOnce(string id, string coordinator, string refusal)
    {
        if (!_runs.TryGetValue(id, out var run))
        {
            _runs[id] = run = new WorkerRun(id, "", 0) { State = WorkerRunState.Refused, Refusal = refusal };
            _onEvent(new RunEvent.RunRefused(id, _process, refusal));
        }

        run.Heard = Now;
        if (run.Coordinator != coordinator)
        {
            run.Coordinator = coordinator;
            Ask(run);
        }
    }

    private void Ask(WorkerRun run)
    {
        run.Asked = Now;
        Report(run, new WorkerReport.Joined("", run.NameOf(_process, 1), _options.Version));
    }

    private void HearCommand(WorkerCommand command)
    {
        if (!_runs.TryGetValue(command.RunId, out var run))
        {
            return;
        }

        switch (command)
        {
            case WorkerCommand.Run description when run.State == WorkerRunState.Asked:
                run.State = WorkerRunState.Preparing;
                _ = Task.Run(() => Prepare(run, description.Description));
                break;
            case WorkerCommand.Abandon abandon:
                Abandon(run, abandon.Shard);
                break;
            case WorkerCommand.Release release when _slots.Any(s => run.NameOf(_process, s.Number) == release.Worker) && run.State == WorkerRunState.Joined:
                _generations[run.Id] = _generations.GetValueOrDefault(run.Id) + 1;
                Leave(run, release.Reason);
                break;
        }
    }

    /// <summary>Looks at the run's inputs; beside the mailbox, as their disk may be slow.</summary>
    private void Prepare(WorkerRun run, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var description = WireRuns.Read(bytes.Span);
            Tell(new Mail.Prepared(run, LocalInputs.Localize(description.Plan), ""));
        }
        catch (Exception e) when (e is WireException or MissingInputException or BadInputException or BadOptionException)
        {
            Tell(new Mail.Prepared(run, null, e.Message));
        }
        catch (Exception e)
        {
            Tell(new Mail.Prepared(run, null, $"unexpected {e.GetType().Name}: {BrokerFaults.Text(e.Message)}"));
        }
    }

    private void HearPrepared(Mail.Prepared prepared)
    {
        var run = prepared.Run;
        if (run.IsLeft || IsStopping)
        {
            return;
        }

        if (prepared.Plan is not { } plan)
        {
            Refuse(run, prepared.Refusal);
            return;
        }

        run.Plan = plan;
        run.State = WorkerRunState.Joined;
        _onEvent(new RunEvent.RunJoined(run.Id, _process, plan.Files.Count, plan.Classes));
        Subscribe(run);
    }

    private void Subscribe(WorkerRun run)
    {
        if (_session is { } session && !run.IsSubscribing && !IsStopping)
        {
            run.IsSubscribing = true;
            _ = SubscribeAsync(run, session);
        }
    }

    private async Task SubscribeAsync(WorkerRun run, WorkerSession session)
    {
        try
        {
            Tell(new Mail.Subscribed(run, session, await session.SubscribeAsync(run, _mailbox.Writer, Prefetch).ConfigureAwait(false)));
        }
        catch (Exception e) when (BrokerFaults.OfOperation(_options.Broker, e) is { } fault)
        {
            Tell(new Mail.Prepared(run, null, fault.Message));
        }
        catch (Exception e)
        {
            session.Abort(BrokerFaults.Text(e.Message));
        }
    }

    private void HearSubscribed(Mail.Subscribed subscribed)
    {
        var (run, session, subscription) = subscribed;
        if (session != _session)
        {
            return;
        }

        run.IsSubscribing = false;
        if (subscription is null)
        {
            Leave(run, "its queues are gone");
        }
        else if (run.IsLeft || IsStopping)
        {
            subscription.Cancel();
        }
        else
        {
            run.Subscription = subscription;
            Introduce(run);
        }
    }

    private void HearUnsubscribed(Mail.Unsubscribed unsubscribed)
    {
        if (unsubscribed.Run.Subscription == unsubscribed.Subscription)
        {
            unsubscribed.Run.Subscription = null;
            foreach (var slot in SlotsAt(unsubscribed.Run))
            {
                slot.StopShard("the run is over", handsBack: false);
            }

            Leave(unsubscribed.Run, "its queues are gone");
        }
    }

    /// <summary>Tells a coordinator that does not know us who works for its run, and on what.</summary>
    private void Introduce(WorkerRun run)
    {
        foreach (var slot in _slots)
        {
            string name = run.NameOf(_process, slot.Number);
            Report(run, new WorkerReport.Joined(run.Id, name, _options.Version));
            if (slot.Job is var (at, delivery) && at == run)
            {
                Report(run, new WorkerReport.Taken(run.Id, name, delivery.Shard.Index, delivery.Shard.Id, delivery.Assignment.Attempt));
            }
        }
    }

    private void Abandon(WorkerRun run, int shard)
    {
        foreach (var slot in SlotsAt(run).Where(s => s.Job!.Value.Delivery.Shard.Index == shard))
        {
            slot.StopShard("settled elsewhere, or of no more interest", handsBack: false);
        }

        for (int i = run.Waiting.Count; i > 0; i--)
        {
            var delivery = run.Waiting.Dequeue();
            if (delivery.Shard.Index == shard)
            {
                Acknowledge(delivery);
            }
            else
            {
                run.Waiting.Enqueue(delivery);
            }
        }
    }

    private void Refuse(WorkerRun run, string refusal)
    {
        run.State = WorkerRunState.Refused;
        run.Refusal = refusal;
        run.Subscription?.Cancel();
        run.Subscription = null;
        ReturnWaiting(run);
        _onEvent(new RunEvent.RunRefused(run.Id, _process, refusal));
        TellRefusal(run);
    }

    private void TellRefusal(WorkerRun run)
    {
        foreach (var slot in _slots)
        {
            Report(run, new WorkerReport.Left(run.Id, run.NameOf(_process, slot.Number), run.Refusal));
        }
    }

    /// <summary>Takes no more of its shards; one under way is finished, and its result may still count.</summary>
    private void Leave(WorkerRun run, string reason)
    {
        if (run.IsLeft)
        {
            return;
        }

        run.IsLeft = true;
        _runs.Remove(run.Id);
        run.Subscription?.Cancel();
        ReturnWaiting(run);
        foreach (var slot in _slots.Where(s => s.Job?.Run != run))
        {
            slot.Forget(run);
        }

        if (run.State == WorkerRunState.Joined)
        {
            _onEvent(new RunEvent.RunLeft(run.Id, _process, reason));
        }
    }

    private void TickRuns()
    {
        if (_session is null)
        {
            return;
        }

        bool beat = Now - _lastBeat >= _options.Broker.Liveness / 4;
        foreach (var run in _runs.Values.ToArray())
        {
            if (run.State == WorkerRunState.Joined)
            {
                if (Now - run.Heard >= _options.Loyalty && !SlotsAt(run).Any())
                {
                    Leave(run, $"its coordinator was not heard of for {_options.Loyalty.TotalMinutes:0} minutes");
                }
                else if (beat)
                {
                    Report(run, new WorkerReport.Joined(run.Id, run.NameOf(_process, 1), _options.Version));
                }
            }
            else if (Now - run.Heard >= ForgetUnjoined)
            {
                Leave(run, "nobody speaks of it any more");
            }
        }

        _lastBeat = beat ? Now : _lastBeat;
    }

    private IEnumerable<WorkerSlot> SlotsAt(WorkerRun run) => _slots.Where(s => s.Job?.Run == run);

    private void Report(WorkerRun run, WorkerReport report)
    {
        if (run.Coordinator.Length > 0)
        {
            _session?.Notify(run.Coordinator, report);
        }
    }
}
