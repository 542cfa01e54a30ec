using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka;

/// <summary>A process that works for whatever coordinator the cluster has, run after run, until it is stopped. Without a cluster it waits for one.</summary>
public sealed class AkkaWorker(AkkaWorkerOptions options)
{
    // Over the grace: for messages to be sent.
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    private readonly IdleClock _clock = new();

    // A host's name and a process's number come again, also in one cluster: of containers.
    private readonly string _process = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");

    private int _nodes;
    private int _shards;

    /// <summary>Works until it is asked to stop.</summary>
    /// <param name="onEvent">Called by one thread at a time; what it throws ends the worker.</param>
    /// <param name="stop">Asks to finish what is under way, or to hand it back, and to leave.</param>
    /// <exception cref="NodeException">The port is taken.</exception>
    /// <exception cref="Evaluation.BadOptionException">The node's settings cannot be used.</exception>
    public async Task RunAsync(Action<RunEvent> onEvent, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, "slots");
        var events = new EventSink(onEvent);
        var end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stop.Register(() => end.TrySetResult("asked to stop"));
        using var idle = new Timer(_ => EndIfIdle(end), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        events.TellOrThrow(new RunEvent.WorkerStarted(_process, options.Slots, AkkaEngine.EngineName, ProgramVersion.Current, RowKernel.Default.Name));
        while (!end.Task.IsCompleted)
        {
            var node = Node.Start(options.Node, Node.WorkerRole, waitsForEver: true, events.Tell);
            options.OnStarted(node.System);
            try
            {
                var slots = Employ(node, events);
                await Task.WhenAny(node.Ended, end.Task, events.Failed).ConfigureAwait(false);
                if (!node.Ended.IsCompleted)
                {
                    await StopAsync(slots).ConfigureAwait(false);
                }
            }
            finally
            {
                await node.LeaveAsync().ConfigureAwait(false);
            }

            if (events.Failed.IsFaulted)
            {
                await events.Failed.ConfigureAwait(false);
            }

            if (!end.Task.IsCompleted)
            {
                // Taken for dead, or on the wrong side of a cut: what it had was given to others.
                events.Tell(new RunEvent.ClusterLeft($"{node.Cluster.SelfAddress}", "the other nodes removed it; the worker begins anew and joins again"));
                await Task.WhenAny(Task.Delay(RejoinDelay, CancellationToken.None), end.Task).ConfigureAwait(false);
            }
        }

        events.TellOrThrow(new RunEvent.WorkerStopped(_process, _shards, await end.Task.ConfigureAwait(false)));
    }

    private void EndIfIdle(TaskCompletionSource<string> end)
    {
        if (options.IdleLimit is { } limit && _clock.IdleFor >= limit)
        {
            end.TrySetResult(string.Create(CultureInfo.InvariantCulture, $"idle for {limit.TotalSeconds:0} s"));
        }
    }

    private IActorRef[] Employ(Node node, EventSink events)
    {
        // What is said while there is no coordinator is said again anyway: old requests are of no use to a new one.
        var proxy = node.System.ActorOf(
            ClusterSingletonProxy.Props(
                $"/user/{AkkaEngine.CoordinatorName}", ClusterSingletonProxySettings.Create(node.System).WithRole(Node.CoordinatorRole).WithBufferSize(0)),
            "coordinator-proxy");

        // Names are of one life: a node that begins anew knows nothing of the one before.
        string process = _nodes++ == 0 ? _process : string.Create(CultureInfo.InvariantCulture, $"{_process}.{_nodes}");
        return [.. Enumerable.Range(1, options.Slots).Select(slot => node.System.ActorOf(
            Props.Create(() => new WorkerActor(SlotOptions($"{process}/{slot}", node, events), node.NewLink(b => new ReportFrame(b), options.Slots), proxy)), $"worker-{slot}"))];
    }

    private WorkerOptions SlotOptions(string name, Node node, EventSink events) => new(name)
    {
        JoinInterval = node.JoinInterval,
        RequestInterval = node.RequestInterval,
        Grace = options.Grace,
        Clock = _clock,
        OnEvent = e =>
        {
            if (e is RunEvent.ShardDone)
            {
                Interlocked.Increment(ref _shards);
            }

            events.Tell(e);
        },
    };

    private async Task StopAsync(IActorRef[] slots)
    {
        try
        {
            await Task.WhenAll(slots.Select(s => s.GracefulStop(options.Grace + LeaveTimeout, WorkerActor.Stop.Instance))).ConfigureAwait(false);
        }
        catch (TaskCanceledException)
        {
            // The node ended under them, and they with it.
        }
    }
}
