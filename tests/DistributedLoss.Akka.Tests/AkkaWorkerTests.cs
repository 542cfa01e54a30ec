using System.Collections.Concurrent;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka.Tests;

/// <summary>A process of workers without a coordinator.</summary>
public sealed class AkkaWorkerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task It_tells_of_its_beginning_and_its_end_when_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var events = new ConcurrentQueue<RunEvent>();
        await new AkkaWorker(new AkkaWorkerOptions { Node = new NodeSettings(), Slots = 3 }).RunAsync(
            e =>
            {
                events.Enqueue(e);
                if (e is RunEvent.ClusterJoined)
                {
                    stop.Cancel();
                }
            },
            stop.Token).WaitAsync(Deadline, CancellationToken.None);
        var started = Assert.IsType<RunEvent.WorkerStarted>(events.First());
        Assert.Equal((3, "akka", ProgramVersion.Current), (started.Slots, started.Engine, started.Version));
        Assert.Equal(new RunEvent.WorkerStopped(started.Worker, 0, "asked to stop"), events.Last());
    }

    [Fact]
    public async Task Without_a_shard_for_long_it_stops_by_itself()
    {
        RunEvent? last = null;
        await new AkkaWorker(new AkkaWorkerOptions { Node = new NodeSettings(), Slots = 1, IdleLimit = TimeSpan.FromSeconds(1) })
            .RunAsync(e => last = e, CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal("idle for 1 s", Assert.IsType<RunEvent.WorkerStopped>(last).Reason);
    }

    [Fact]
    public async Task What_a_listener_throws_ends_it()
    {
        var worker = new AkkaWorker(new AkkaWorkerOptions { Node = new NodeSettings(), Slots = 1 });
        var run = worker.RunAsync(e => _ = e is RunEvent.ClusterJoined ? throw new InvalidOperationException("the log is full") : e, CancellationToken.None);
        Assert.Equal("the log is full", (await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(Deadline))).Message);
    }
}
