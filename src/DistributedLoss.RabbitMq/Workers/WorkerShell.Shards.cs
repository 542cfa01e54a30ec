using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Wire;
using Mail = DistributedLoss.RabbitMq.Workers.WorkerMail;

namespace DistributedLoss.RabbitMq.Workers;

/// <content>A shard's way: delivered, evaluated, reported, acknowledged.</content>
internal sealed partial class WorkerShell
{
    private void Deliver(WorkerRun run, ShardDelivery delivery)
    {
        if (delivery.Subscription.Session != _session)
        {
            // The broker has given it to another by now.
            return;
        }

        if (IsStopping || run.IsLeft)
        {
            delivery.Subscription.Return(delivery);
            return;
        }

        run.Waiting.Enqueue(delivery);
        Dispatch();
    }

    /// <summary>Gives free slots the next shards, of the run that has waited longest.</summary>
    private void Dispatch()
    {
        while (!IsStopping && _slots.FirstOrDefault(s => s.IsFree) is { } slot
            && _runs.Values.Where(r => r.Waiting.Count > 0).MinBy(r => r.Served) is { } run)
        {
            var delivery = run.Waiting.Dequeue();
            var shard = delivery.Shard;
            string name = run.NameOf(_process, slot.Number);
            run.Served = ++_served;
            _lastShard = Now;
            slot.Begin(run, delivery, name);
            Report(run, new WorkerReport.Taken(run.Id, name, shard.Index, shard.Id, delivery.Assignment.Attempt));
            _onEvent(new RunEvent.ShardTaken(run.Id, shard.Index, shard.Id, name, delivery.Assignment.Attempt, shard.Rows, FileOf(run, shard.File), shard.RowGroup));
        }
    }

    private void HearEvaluated(Mail.Evaluated e)
    {
        var (slot, run, delivery) = (e.Slot, e.Run, e.Delivery);
        string name = run.NameOf(_process, slot.Number);
        var (reason, handsBack) = (slot.StopReason, slot.HandsBack);
        slot.Clear();
        switch (e.Outcome)
        {
            case ShardOutcome.Finished { Result: var result }:
                _shards++;
                _onEvent(new RunEvent.ShardDone(run.Id, delivery.Shard.Index, name, delivery.Shard.Rows, result.BytesRead, result.Elapsed.TotalSeconds));
                Store(run, delivery, e.Report!);
                break;
            case ShardOutcome.Failed { Failure: var failure }:
                _onEvent(new RunEvent.ShardFailed(run.Id, delivery.Shard.Index, name, delivery.Assignment.Attempt, failure.Message));
                slot.IsResting = !failure.Deterministic;
                Store(run, delivery, WireReports.Write(new WorkerReport.Failed(
                    run.Id, name, new IdentifiedFailure(delivery.Shard.Index, delivery.Shard.Id, delivery.Assignment.Attempt, failure))), slot.IsResting ? slot : null);
                break;
            case ShardOutcome.NoInput { Message: var message }:
                HandBack(run, delivery, name, message);
                Refuse(run, message);
                break;
            case ShardOutcome.Stopped when handsBack:
                HandBack(run, delivery, name, reason!);
                break;
            case ShardOutcome.Stopped:
                // Settled elsewhere, or of no more interest.
                _onEvent(new RunEvent.ShardDropped(run.Id, delivery.Shard.Index, name, reason ?? "stopped"));
                Acknowledge(delivery);
                break;
            default:
                throw new InvalidOperationException($"unknown outcome {e.Outcome.GetType().Name}");
        }

        if (run.IsLeft)
        {
            slot.Forget(run);
        }

        Dispatch();
    }

    private void HandBack(WorkerRun run, ShardDelivery delivery, string name, string reason)
    {
        _onEvent(new RunEvent.ShardDropped(run.Id, delivery.Shard.Index, name, reason));
        Store(run, delivery, WireReports.Write(new WorkerReport.Returned(run.Id, name, delivery.Shard.Index, delivery.Shard.Id, delivery.Assignment.Attempt)));
    }

    private void Store(WorkerRun run, ShardDelivery delivery, byte[] bytes, WorkerSlot? resting = null)
    {
        var report = new PendingReport(run, delivery, bytes, resting);
        if (_reports.Count == 0)
        {
            _lastStored = Now;
        }

        _reports.Add(report);
        if (_session is { } session)
        {
            Store(report, session);
        }
    }

    private void Store(PendingReport report, WorkerSession session) => _ = StoreAsync(report, session);

    private async Task StoreAsync(PendingReport report, WorkerSession session) =>
        Tell(new Mail.Stored(report, await session.Outbox.StoreInFramesAsync(Topology.Results(report.Run.Id), report.Bytes).ConfigureAwait(false)));

    private void HearStored(PendingReport report, bool isKept)
    {
        _lastStored = Now;
        // It may have been stored over two connections, where the first was lost ahead of its confirmation.
        if (!_reports.Remove(report))
        {
            return;
        }

        if (report.Resting is { } slot)
        {
            _ = Task.Delay(_options.RetryElsewhere).ContinueWith(_ => Tell(new Mail.Rested(report, slot)), TaskScheduler.Default);
        }
        else
        {
            Acknowledge(report.Delivery);
        }

        if (!isKept)
        {
            Leave(report.Run, "its queues are gone");
        }
    }

    /// <summary>The broker may forget a delivery; one of an earlier connection it has forgotten already.</summary>
    private void Acknowledge(ShardDelivery delivery)
    {
        if (delivery.Subscription.Session == _session)
        {
            delivery.Subscription.Acknowledge(delivery);
        }
    }

    private static void ReturnWaiting(WorkerRun run)
    {
        while (run.Waiting.TryDequeue(out var delivery))
        {
            delivery.Subscription.Return(delivery);
        }
    }

    private static string FileOf(WorkerRun run, int file) => (uint)file < run.Plan!.Files.Count ? run.Plan.Files[file].Path : $"file {file}";
}
