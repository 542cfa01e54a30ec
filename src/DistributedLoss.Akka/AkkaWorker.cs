using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Akka.Nodes;

namespace DistributedLoss.Akka;

/// <summary>A process that works for whatever coordinator the cluster has, run after run, until it is stopped.</summary>
public sealed class AkkaWorker(AkkaWorkerOptions options)
{
    private static readonly TimeSpan HandBackTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RejoinDelay = TimeSpan.FromSeconds(1);

    /// <summary>Works until <paramref name="cancel"/>; then hands back what it has, and leaves the cluster. Without a cluster it waits for one.</summary>
    /// <exception cref="NodeException">The node cannot be started.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, "slots");
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancel.Register(() => cancelled.TrySetResult());
        while (!cancel.IsCancellationRequested)
        {
            var node = Node.Start(options.Node, Node.WorkerRole, joinTimeout: null, options.OnTrouble);
            options.OnStarted(node.System);
            node.Cluster.RegisterOnMemberUp(() => options.OnJoined($"{node.Cluster.SelfAddress}"));
            try
            {
                var slots = Employ(node);
                if (await Task.WhenAny(node.Ended, cancelled.Task).ConfigureAwait(false) == cancelled.Task)
                {
                    await HandBackAsync(slots).ConfigureAwait(false);
                }
            }
            finally
            {
                await node.LeaveAsync().ConfigureAwait(false);
            }

            if (!cancel.IsCancellationRequested)
            {
                // Taken for dead, or on the wrong side of a cut: what it had was given to others.
                options.OnTrouble("the other nodes removed this one from the cluster; it begins anew and joins again");
                await Task.WhenAny(Task.Delay(RejoinDelay, CancellationToken.None), cancelled.Task).ConfigureAwait(false);
            }
        }
    }

    private IActorRef[] Employ(Node node)
    {
        // What is said while there is no coordinator is said again anyway: old requests are of no use to a new one.
        var proxy = node.System.ActorOf(
            ClusterSingletonProxy.Props(
                $"/user/{AkkaEngine.CoordinatorName}", ClusterSingletonProxySettings.Create(node.System).WithRole(Node.CoordinatorRole).WithBufferSize(0)),
            "coordinator-proxy");

        // A host's name and a process's number come again, also in one cluster: of containers.
        string process = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");
        return [.. Enumerable.Range(1, options.Slots).Select(slot => node.System.ActorOf(
            Props.Create(() => new WorkerActor(SlotOptions($"{process}/{slot}", node), node.NewLink(b => new ReportFrame(b)), proxy)), $"worker-{slot}"))];
    }

    private WorkerOptions SlotOptions(string name, Node node) => new(name)
    {
        JoinInterval = node.JoinInterval,
        RequestInterval = node.RequestInterval,
        OnTrouble = options.OnTrouble,
        OnRun = (run, plan) => options.OnRun(name, run, plan),
        OnLeft = (run, reason) => options.OnLeft(name, run, reason),
        OnShard = options.OnShard,
    };

    private static async Task HandBackAsync(IActorRef[] slots)
    {
        try
        {
            await Task.WhenAll(slots.Select(s => s.GracefulStop(HandBackTimeout, WorkerActor.Stop.Instance))).ConfigureAwait(false);
        }
        catch (TaskCanceledException)
        {
            // The node ended under them, and they with it.
        }
    }
}
