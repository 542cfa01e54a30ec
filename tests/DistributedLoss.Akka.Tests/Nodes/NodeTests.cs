using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Tests.Nodes;

public sealed class NodeTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-akka-");
    private readonly ConcurrentQueue<RunEvent> _events = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_port_that_is_taken_is_told_in_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var e = Assert.Throws<NodeException>(() => Start(new NodeSettings { Port = port }));
        Assert.Contains($"cannot listen on 127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("dloss.frame-bytes = 262144", "dloss.frame-bytes = 262144")]
    [InlineData("dloss.frame-bytes = 100", "dloss.frame-bytes = 100")]
    [InlineData("akka.remote.dot-netty.tcp.maximum-frame-size = 128000b", "maximum-frame-size = 128000")]
    [InlineData("dloss.frame-bytes = many", "many")]
    [InlineData("dloss.assembly-bytes = 0", "dloss.assembly-bytes must be more than 0")]
    [InlineData("dloss.join-interval = soon", "dloss.join-interval cannot be read")]
    [InlineData("akka.actor.provider = none", "none")]
    [InlineData("a = ${b}", "no HOCON")]
    [InlineData(null, "cannot be read")]
    public void A_configuration_that_cannot_be_used_is_told_in_one_line(string? text, string said)
    {
        string path = Path.Combine(_folder.FullName, "mine.conf");
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        var e = Assert.Throws<BadOptionException>(() => Start(new NodeSettings { Configuration = path }));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task A_coordinator_that_no_seed_node_answers_ends_after_its_time()
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        string path = Path.Combine(_folder.FullName, "mine.conf");
        await File.WriteAllTextAsync(path, "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 2 s");
        var node = Node.Start(
            new NodeSettings { SeedNodes = [$"127.0.0.1:{((IPEndPoint)unused.LocalEndpoint).Port}"], Configuration = path }, Node.CoordinatorRole, waitsForEver: false, _events.Enqueue);
        await node.Ended.WaitAsync(Deadline);
        Assert.True(node.FoundNobody);
        await node.LeaveAsync();
    }

    /// <summary>Whoever can reach a node's port can send it what Akka would make an object of.</summary>
    [Fact]
    public async Task What_has_no_serializer_is_neither_sent_nor_delivered_and_both_nodes_live()
    {
        var receiver = Start(new NodeSettings());
        var sender = Start(new NodeSettings());
        var delivered = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.System.ActorOf(Props.Create(() => new Listener(delivered)), "listener");
        var listener = sender.System.ActorSelection($"{receiver.Cluster.SelfAddress}/user/listener");
        listener.Tell(new Version(1, 2));
        await WaitForTroubleAsync("System.Version is not sent");

        // The connection is as good as before.
        listener.Tell("text");
        Assert.Equal("text", await delivered.Task.WaitAsync(Deadline));
        await Task.WhenAll(sender.LeaveAsync(), receiver.LeaveAsync());
    }

    private Node Start(NodeSettings settings) => Node.Start(settings, Node.WorkerRole, waitsForEver: true, _events.Enqueue);

    private async Task WaitForTroubleAsync(string text)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var deadline = new CancellationTokenSource(Deadline);
        while (!_events.OfType<RunEvent.ClusterTrouble>().Any(t => t.Reason.Contains(text, StringComparison.Ordinal)))
        {
            Assert.True(await timer.WaitForNextTickAsync(deadline.Token));
        }
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<object> delivered) => ReceiveAny(delivered.SetResult);
    }
}
