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
public sealed class AkkaEngine(AkkaEngineOptions options) : IEngine
{
    public const string EngineName = "akka";

    internal const string CoordinatorName = "coordinator";

    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(10);

    public string Name => EngineName;

    /// <inheritdoc/>
    /// <exception cref="NodeException">The node cannot be started.</exception>
    public async Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        var run = new EngineRun(plan, Name, workers: 0, options.Coordinator, options.RunDirectory, onEvent);
        var session = new CoordinatorSession(plan, run, options.RunDirectory, onEvent, progress);
        while (!session.Outcome.IsCompleted)
        {
            var node = Node.Start(options.Node, Node.CoordinatorRole, options.ClusterTimeout, options.OnTrouble);
            options.OnStarted(node.System);
            try
            {
                await SpeakAsync(node, session, cancel).ConfigureAwait(false);
            }
            finally
            {
                await node.LeaveAsync().ConfigureAwait(false);
            }

            // Nobody speaks for the run from here on, until the next turn.
            if (session.Outcome.IsCompleted)
            {
                break;
            }

            if (cancel.IsCancellationRequested)
            {
                session.Handle(new CoordinatorInput.Cancel(), _ => { });
            }
            else if (!node.WasMember)
            {
                return new RunOutcome.Failed(NoSeedNode(run), BadInput: false);
            }
            else
            {
                options.OnTrouble("the other nodes removed the coordinator's from the cluster; it joins again, and the run goes on");
            }
        }

        return run.End(await session.Outcome.ConfigureAwait(false), session.Workers);
    }

    /// <summary>Speaks for the run until it is over, cancelled, or the node was removed from the cluster.</summary>
    private async Task SpeakAsync(Node node, CoordinatorSession session, CancellationToken cancel)
    {
        node.System.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new CoordinatorActor(session, node.NewLink(b => new CommandFrame(b)), options.OnTrouble, Props.Create<MembershipWatch>(), cancel)),
                CoordinatorActor.Stop.Instance,
                ClusterSingletonManagerSettings.Create(node.System).WithRole(Node.CoordinatorRole)),
            CoordinatorName);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancel.Register(() => cancelled.TrySetResult());
        var first = await Task.WhenAny(session.Outcome, node.Ended, cancelled.Task).ConfigureAwait(false);
        if (first == cancelled.Task && session.HasSpeaker)
        {
            // The actor hears of it too.
            await Task.WhenAny(session.Outcome, node.Ended, Task.Delay(CancelTimeout, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    private string NoSeedNode(EngineRun run) => string.Create(
        CultureInfo.InvariantCulture,
        $"no seed node answered in {options.ClusterTimeout.TotalSeconds:0} s: {string.Join(", ", options.Node.SeedNodes)}; start a worker there, or name nodes that run (after {run.Now.TotalSeconds:0} s, with {run.Ledger.Settled} of {run.Ledger.Shards} shards done)");
}
