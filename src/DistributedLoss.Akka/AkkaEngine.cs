using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka;

/// <summary>
/// Runs a plan on an Akka.NET cluster: this process joins it as the coordinator's node, and the workers that are in it, or come, do the work. A cluster
/// has one coordinator at a time: a second one waits until the first has left.
/// </summary>
public sealed class AkkaEngine(AkkaEngineOptions options) : IEngine, IAsyncDisposable
{
    public const string EngineName = "akka";

    internal const string CoordinatorName = "coordinator";

    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(10);

    private Node? _node;

    public string Name => EngineName;

    /// <inheritdoc/>
    /// <remarks>The node stays in the cluster, until the next run or until it is disposed: nobody waits for its leave to have the result.</remarks>
    /// <exception cref="NodeException">The node cannot be started, or no seed node answered.</exception>
    /// <exception cref="Evaluation.BadOptionException">The node's settings cannot be used.</exception>
    public async Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        var events = new EventSink(onEvent);
        var run = new EngineRun(plan, Name, workers: 0, options.Coordinator, options.RunDirectory, events.TellOrThrow);
        var session = new CoordinatorSession(plan, run, options.RunDirectory, events, progress);
        try
        {
            await CoordinateAsync(session, events, cancel).ConfigureAwait(false);
            return run.End(await session.Outcome.ConfigureAwait(false), session.Workers);
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
            events.Close();
        }
    }

    /// <summary>Leaves the cluster.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_node is { } node)
        {
            _node = null;
            await node.LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sees to it that somebody speaks for the run until it is over, on one node after another where need be.</summary>
    private async Task CoordinateAsync(CoordinatorSession session, EventSink events, CancellationToken cancel)
    {
        while (true)
        {
            await DisposeAsync().ConfigureAwait(false);
            var node = _node = Node.Start(options.Node, Node.CoordinatorRole, waitsForEver: false, events.Tell);
            options.OnStarted(node.System);
            await SpeakAsync(node, session, events, cancel).ConfigureAwait(false);
            if (session.Outcome.IsCompleted)
            {
                return;
            }

            // When this is done, nobody speaks for the run.
            await DisposeAsync().ConfigureAwait(false);
            if (events.Failed.IsFaulted)
            {
                await events.Failed.ConfigureAwait(false);
            }
            else if (session.Outcome.IsCompleted)
            {
                return;
            }
            else if (cancel.IsCancellationRequested)
            {
                session.Handle(new CoordinatorInput.Cancel(), _ => { });
                return;
            }
            else if (node.FoundNobody)
            {
                throw new NodeException(NoSeedNode(node));
            }

            events.Tell(new RunEvent.ClusterLeft($"{node.Cluster.SelfAddress}", "the other nodes removed it; the coordinator joins again, and the run goes on"));
        }
    }

    /// <summary>Speaks for the run until it is over, cancelled, or the node was removed from the cluster.</summary>
    private static async Task SpeakAsync(Node node, CoordinatorSession session, EventSink events, CancellationToken cancel)
    {
        node.System.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new CoordinatorActor(session, node.NewLink(b => new CommandFrame(b)), Props.Create<MembershipWatch>(), cancel)),
                CoordinatorActor.Stop.Instance,
                ClusterSingletonManagerSettings.Create(node.System).WithRole(Node.CoordinatorRole)),
            CoordinatorName);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancel.Register(() => cancelled.TrySetResult());
        var first = await Task.WhenAny(session.Outcome, node.Ended, cancelled.Task, events.Failed).ConfigureAwait(false);
        if (first == cancelled.Task && session.HasSpeaker)
        {
            // The actor hears of it too.
            await Task.WhenAny(session.Outcome, node.Ended, Task.Delay(CancelTimeout, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    private string NoSeedNode(Node node) => string.Create(
        CultureInfo.InvariantCulture,
        $"no seed node answered in {node.JoinTimeout.TotalSeconds:0} s: {string.Join(", ", options.Node.SeedNodes)}; start a worker there, or name nodes that run");
}
