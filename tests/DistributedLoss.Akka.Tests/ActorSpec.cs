using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka.Tests;

/// <summary>Actors against probes. Frames are small, so that whatever is longer than a few names is sent in several.</summary>
public abstract class ActorSpec() : TestKit(Settings)
{
    private const int FrameBytes = 200;
    private const long AssemblyBytes = 1 << 22;

    private static readonly Config Settings = ConfigurationFactory.ParseString("""
        akka.loglevel = WARNING
        akka.test.default-timeout = 20 s
        akka.test.single-expect-default = 20 s
        """);

    private readonly Dictionary<IActorRef, FrameLink> _links = [];

    internal static FrameLink NewLink(Func<byte[], Frame> wrap) => new(FrameBytes, AssemblyBytes, wrap);

    private protected ConcurrentQueue<RunEvent> Events { get; } = [];

    /// <summary>Speaks to a coordinator as the worker that the probe stands for.</summary>
    private protected void Tell(TestProbe worker, IActorRef coordinator, WorkerReport report) =>
        Link(worker, b => new ReportFrame(b)).Send(coordinator, worker, WireReports.Write(report));

    /// <summary>Speaks to a worker as the coordinator that the probe stands for.</summary>
    private protected void Tell(TestProbe coordinator, IActorRef worker, WorkerCommand command) =>
        Link(coordinator, b => new CommandFrame(b)).Send(worker, coordinator, WireCommands.Write(command));

    /// <summary>The next command that the worker gets.</summary>
    private protected async Task<WorkerCommand> CommandAsync(TestProbe worker)
    {
        while (true)
        {
            var frame = await worker.ExpectMsgAsync<CommandFrame>();
            if (Link(worker, b => new ReportFrame(b)).Receive(worker.LastSender, frame) is { } bytes)
            {
                return WireCommands.Read(bytes);
            }
        }
    }

    private protected async Task<T> CommandAsync<T>(TestProbe worker)
        where T : WorkerCommand => Assert.IsType<T>(await CommandAsync(worker));

    /// <summary>The next report that the coordinator gets; progress is passed over.</summary>
    private protected async Task<WorkerReport> ReportAsync(TestProbe coordinator, bool withProgress = false)
    {
        var shape = Dumps.Plan().Shape;
        while (true)
        {
            var frame = await coordinator.ExpectMsgAsync<ReportFrame>();
            if (Link(coordinator, b => new CommandFrame(b)).Receive(coordinator.LastSender, frame) is { } bytes
                && WireReports.Read(bytes, shape) is var report && (withProgress || report is not WorkerReport.Progressed))
            {
                return report;
            }
        }
    }

    private protected async Task<T> ReportAsync<T>(TestProbe coordinator)
        where T : WorkerReport => Assert.IsType<T>(await ReportAsync(coordinator));

    /// <summary>What an execution of the shard gives.</summary>
    private protected static IdentifiedResult Evaluate(int shard)
    {
        var plan = Dumps.Plan();
        using var runner = new ShardRunner(plan);
        var outcome = runner.Run(plan.Shards[shard], plan.NewTotals(), new Patient());
        return new IdentifiedResult(plan.Shards[shard].Id, Assert.IsType<ShardOutcome.Finished>(outcome).Result);
    }

    private FrameLink Link(TestProbe probe, Func<byte[], Frame> wrap)
    {
        if (!_links.TryGetValue(probe, out var link))
        {
            _links[probe] = link = NewLink(wrap);
        }

        return link;
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
