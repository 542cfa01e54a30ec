using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;

namespace DistributedLoss.Akka.Tests;

/// <summary>Real clusters on loopback: a coordinator's node and two workers'.</summary>
public sealed class ClusterTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-akka-");
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _workers = [];
    private readonly ConcurrentQueue<RunEvent> _workerEvents = [];
    private int[] _seeds = [1, 2];
    private readonly int[] _ports = [FreePort(), FreePort(), FreePort()];

    // The deadlines of a cluster in one process, rather than of one over a network.
    private string Configuration => Path.Combine(_folder.FullName, "fast.conf");

    public async Task InitializeAsync() => await File.WriteAllTextAsync(Configuration, """
        dloss.join-interval = 200 ms
        dloss.request-interval = 1 s
        akka.cluster {
          gossip-interval = 200 ms
          leader-actions-interval = 200 ms
          unreachable-nodes-reaper-interval = 200 ms
          failure-detector.acceptable-heartbeat-pause = 2 s
          split-brain-resolver.stable-after = 2 s
        }
        """);

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers).WaitAsync(Deadline);
        _folder.Delete(recursive: true);
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Three_nodes_give_the_digest_of_one_process_also_when_one_of_them_dies_with_a_shard()
    {
        // The survivor takes no part before the victim has a shard: else the run might be over before there is anything to lose.
        using var isKilled = new ManualResetEventSlim();
        Hire(1, onRun: () => Assert.True(isKilled.Wait(Deadline)));
        var victim = Hire(2);
        var events = new ConcurrentQueue<RunEvent>();
        string? killed = null;
        void Kill(RunEvent e)
        {
            events.Enqueue(e);

            // Before the shard is sent: it is this worker's, and nobody will ever answer for it.
            if (e is RunEvent.ShardAssigned assigned && killed is null && victim.Names.Contains(assigned.Worker))
            {
                killed = assigned.Worker;
                ((ExtendedActorSystem)victim.System!).Abort();
                isKilled.Set();
            }
        }

        var result = Assert.IsType<RunOutcome.Completed>(await RunAsync(Kill)).Result;
        Assert.Equal(await Dumps.DigestAsync(), result.Digest);
        Assert.NotNull(killed);
        Assert.Contains(events.OfType<RunEvent.WorkerLeft>(), e => e.Worker == killed);
        Assert.Contains(events.OfType<RunEvent.ShardRetried>(), e => e.Worker == killed);
        Assert.Equal(Dumps.Plan().Shards.Count, events.OfType<RunEvent.ShardFinished>().Select(e => e.Shard).Distinct().Count());
    }

    [Fact]
    public async Task A_run_that_was_cut_short_is_continued_from_its_directory_by_the_same_workers()
    {
        Hire(1);
        Hire(2);
        using var cancel = new CancellationTokenSource();
        int finished = 0;
        void CancelAfterThree(RunEvent e)
        {
            if (e is RunEvent.ShardFinished && ++finished == 3)
            {
                cancel.Cancel();
            }
        }

        string run = Path.Combine(_folder.FullName, "run");
        using (var directory = RunDirectory.Open(run, resume: false))
        {
            Assert.IsType<RunOutcome.Cancelled>(await RunAsync(CancelAfterThree, directory, cancel: cancel.Token));
        }

        var events = new ConcurrentQueue<RunEvent>();
        using var again = RunDirectory.Open(run, resume: true);
        var result = Assert.IsType<RunOutcome.Completed>(await RunAsync(events.Enqueue, again)).Result;
        Assert.Equal(await Dumps.DigestAsync(), result.Digest);
        Assert.Equal(finished, Assert.Single(events.OfType<RunEvent.RunResumed>()).ShardsDone);
        Assert.Equal(Dumps.Plan().Shards.Count - finished, events.OfType<RunEvent.ShardFinished>().Count());
    }

    /// <summary>The coordinator is the seed node, and alone for a while: a majority it is not.</summary>
    [Fact]
    public async Task When_the_only_worker_dies_the_coordinator_waits_for_another()
    {
        _seeds = [0];
        var victim = Hire(1);
        string? killed = null;
        void Kill(RunEvent e)
        {
            if (e is RunEvent.ShardAssigned && killed is null)
            {
                killed = "w";
                ((ExtendedActorSystem)victim.System!).Abort();
            }
            else if (e is RunEvent.WorkerLeft && _workers.Count == 1)
            {
                Hire(2);
            }
        }

        var result = Assert.IsType<RunOutcome.Completed>(await RunAsync(Kill)).Result;
        Assert.Equal(await Dumps.DigestAsync(), result.Digest);
    }

    [Fact]
    public async Task When_the_coordinators_node_is_removed_it_joins_again_and_the_run_goes_on()
    {
        Hire(1);
        Hire(2);
        ActorSystem? system = null;
        int finished = 0, nodes = 0;
        void Remove(RunEvent e)
        {
            if (e is RunEvent.ShardFinished && ++finished == 3)
            {
                ((ExtendedActorSystem)system!).Abort();
            }
        }

        var outcome = await RunAsync(Remove, onStarted: started =>
        {
            system = started;
            nodes++;
        });
        Assert.Equal(await Dumps.DigestAsync(), Assert.IsType<RunOutcome.Completed>(outcome).Result.Digest);
        Assert.Equal((2, Dumps.Plan().Shards.Count), (nodes, finished));
    }

    [Fact]
    public async Task Without_an_answer_from_any_seed_node_the_run_fails_in_one_line()
    {
        await File.AppendAllTextAsync(Configuration, "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 2 s");
        var failed = await Assert.ThrowsAsync<NodeException>(() => RunAsync(_ => { }));
        Assert.Contains($"127.0.0.1:{_ports[1]}, 127.0.0.1:{_ports[2]}", failed.Message, StringComparison.Ordinal);
    }

    private Hired Hire(int node, Action? onRun = null)
    {
        var hired = new Hired();
        void Listen(RunEvent e)
        {
            _workerEvents.Enqueue(e);
            if (e is RunEvent.RunJoined joined)
            {
                hired.Names.Add(joined.Worker);
                onRun?.Invoke();
            }
        }

        _workers.Add(new AkkaWorker(new AkkaWorkerOptions
        {
            Node = Settings(node),
            Slots = 2,
            OnStarted = system => hired.System = system,
        }).RunAsync(Listen, _stop.Token));
        return hired;
    }

    private async Task<RunOutcome> RunAsync(Action<RunEvent> onEvent, RunDirectory? directory = null, Action<ActorSystem>? onStarted = null, CancellationToken cancel = default)
    {
        await using var engine = new AkkaEngine(new AkkaEngineOptions
        {
            Node = Settings(0),
            RunDirectory = directory,
            OnStarted = onStarted ?? (_ => { }),
        });
        var run = engine.RunAsync(Dumps.Plan(), onEvent, null, cancel);
        return await Task.WhenAny(run, Task.Delay(Deadline, CancellationToken.None)) == run
            ? await run
            : throw new TimeoutException($"the run did not end in {Deadline}: {string.Join(Environment.NewLine, _workerEvents)}");
    }

    private NodeSettings Settings(int node) => new()
    {
        Port = _ports[node],
        SeedNodes = [.. _seeds.Select(s => $"127.0.0.1:{_ports[s]}")],
        Configuration = Configuration,
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Hired
    {
        public ConcurrentBag<string> Names { get; } = [];

        public ActorSystem? System { get; set; }
    }
}
