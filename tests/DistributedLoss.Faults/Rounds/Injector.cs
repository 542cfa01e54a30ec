using System.Diagnostics;
using DistributedLoss.Faults.Processes;

namespace DistributedLoss.Faults.Rounds;

/// <summary>Makes the faults of a schedule happen to a run, and undoes what is to be undone.</summary>
internal sealed class Injector(Cluster cluster, FaultSchedule schedule, RunLog log, Action killCoordinator)
{
    /// <summary>For whatever the broker or the system is to do about a fault.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly List<string> _happened = [];
    private readonly List<FaultKinds> _begun = [];
    private readonly List<FaultKinds> _completed = [];
    private TaskCompletionSource _brokerGone = NewEvent();

    /// <summary>With the seconds since the round began, in order.</summary>
    public string[] Happened
    {
        get
        {
            lock (_gate)
            {
                return [.. _happened];
            }
        }
    }

    /// <summary>The kind of each fault that happened while the run was under way.</summary>
    public FaultKinds[] Begun
    {
        get
        {
            lock (_gate)
            {
                return [.. _begun];
            }
        }
    }

    /// <summary>The kind of each fault that was over, with what was to be undone, while the run was under way.</summary>
    public FaultKinds[] Completed
    {
        get
        {
            lock (_gate)
            {
                return [.. _completed];
            }
        }
    }

    /// <summary>Until the run ends, which cancels it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var faults = schedule.Faults.Select(f => InjectAsync(f, cancel)).ToList();
        if (schedule.Kinds.HasFlag(FaultKinds.Workers))
        {
            faults.Add(KillWorkersAsync(cancel));
        }

        await Task.WhenAll(faults);
    }

    private async Task InjectAsync(Fault fault, CancellationToken cancel)
    {
        try
        {
            await log.ReachAsync(fault.At).WaitAsync(cancel);
            await (fault.Kind switch
            {
                FaultKinds.Coordinator => KillCoordinator(),
                FaultKinds.Broker => RestartBrokerAsync(fault.IsGraceful),
                FaultKinds.Pause => HoldAsync(cluster.Slots[fault.Worker], PauseAsync, cancel),
                FaultKinds.Link => HoldAsync(cluster.Slots[fault.Worker], CutAsync, cancel),
                _ => throw new ArgumentException($"no single fault is of kind {fault.Kind}", nameof(fault)),
            });
            Complete(fault.Kind);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The run was over first.
        }
    }

    private async Task KillWorkersAsync(CancellationToken cancel)
    {
        var random = new Random(schedule.Victims);
        using var timer = new PeriodicTimer(FaultSchedule.KillInterval);
        try
        {
            for (int killed = 0; killed < schedule.Kills && await timer.WaitForNextTickAsync(cancel); killed++)
            {
                var free = cluster.Slots.Where(s => !s.IsHeld).ToArray();
                var victim = free[random.Next(free.Length)];
                Begin(FaultKinds.Workers, $"worker {victim.Number + 1} killed");
                await cluster.ReplaceAsync(victim);
                Complete(FaultKinds.Workers);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private Task KillCoordinator()
    {
        Begin(FaultKinds.Coordinator, $"coordinator killed at {log.Settled} of {log.Shards}");
        killCoordinator();
        return Task.CompletedTask;
    }

    // Not to be cancelled half-way: the workers stop in good order only with a broker.
    private async Task RestartBrokerAsync(bool isGraceful)
    {
        Begin(FaultKinds.Broker, isGraceful ? "broker stopped" : "broker killed");
        Interlocked.Exchange(ref _brokerGone, NewEvent()).SetResult();
        await (isGraceful ? cluster.Broker.StopAsync() : cluster.Broker.KillAsync());
        await cluster.Broker.StartAgainAsync();
        Note("broker back");
    }

    private async Task PauseAsync(WorkerSlot slot, CancellationToken cancel)
    {
        var process = slot.Process!;
        process.Send(Signal.Stop);
        Begin(FaultKinds.Pause, $"worker {slot.Number + 1} stopped");
        try
        {
            await TakenForDeadAsync($"-{process.Id})", cancel);
        }
        finally
        {
            process.Send(Signal.Continue);
            Note($"worker {slot.Number + 1} continued");
        }
    }

    private async Task CutAsync(WorkerSlot slot, CancellationToken cancel)
    {
        // Both ends are to take each other for dead: the worker's is the later one.
        var away = slot.Process!.Log.NextAsync(LogEvent.Is("BrokerAway"));
        await cluster.Link!.CutAsync();
        Begin(FaultKinds.Link, $"worker {slot.Number + 1} cut off");
        try
        {
            await TakenForDeadAsync($"({cluster.Link.Inside}:", cancel);
            await away.WaitAsync(Deadline, cancel);
        }
        finally
        {
            await cluster.Link.RestoreAsync();
            Note($"worker {slot.Number + 1} linked again");
        }
    }

    // A broker that goes takes nobody for dead any more: that is as good.
    private async Task TakenForDeadAsync(string client, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(Deadline);
        var brokerGone = Volatile.Read(ref _brokerGone).Task;
        long from = cluster.Broker.LogEnd();
        var closing = cluster.Broker.LoggedAsync(
            from, l => l.Contains("closing AMQP connection", StringComparison.Ordinal) && l.Contains(client, StringComparison.Ordinal), stop.Token);
        await await Task.WhenAny(closing, brokerGone);
        await stop.CancelAsync();
    }

    private static TaskCompletionSource NewEvent() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task HoldAsync(WorkerSlot slot, Func<WorkerSlot, CancellationToken, Task> fault, CancellationToken cancel)
    {
        slot.IsHeld = true;
        try
        {
            // One that is new, or away from its broker, has nothing to lose yet.
            await slot.Process!.Log.NextAsync(LogEvent.Is("ShardTaken")).WaitAsync(Deadline, cancel);
            await fault(slot, cancel);
        }
        finally
        {
            slot.IsHeld = false;
        }
    }

    private void Begin(FaultKinds kind, string what)
    {
        Note(what);
        lock (_gate)
        {
            _begun.Add(kind);
        }
    }

    private void Complete(FaultKinds kind)
    {
        lock (_gate)
        {
            _completed.Add(kind);
        }
    }

    private void Note(string what)
    {
        lock (_gate)
        {
            _happened.Add($"{Stopwatch.GetElapsedTime(_began).TotalSeconds:0.0} s {what}");
        }
    }
}
