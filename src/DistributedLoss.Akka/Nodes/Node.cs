using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using DistributedLoss.Akka.Messages;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistributedLoss.Akka.Nodes;

/// <summary>One member of the cluster: an actor system that listens, joins, and leaves.</summary>
internal sealed class Node
{
    public const string CoordinatorRole = "coordinator";
    public const string WorkerRole = "worker";

    // Names of sender and receiver, in a frame that Akka makes of ours.
    private const int EnvelopeBytes = 16 << 10;

    private Node(ActorSystem system)
    {
        System = system;
        Cluster = AkkaCluster.Get(system);
        Cluster.RegisterOnMemberUp(() => WasMember = true);
    }

    public ActorSystem System { get; }

    public AkkaCluster Cluster { get; }

    /// <summary>Whether the cluster has, or had, this node as a member.</summary>
    public bool WasMember { get; private set; }

    public TimeSpan JoinInterval => System.Settings.Config.GetTimeSpan("dloss.join-interval");

    public TimeSpan RequestInterval => System.Settings.Config.GetTimeSpan("dloss.request-interval");

    /// <summary>Ends when the node was stopped, or was removed from the cluster by the others.</summary>
    public Task Ended => System.WhenTerminated;

    /// <param name="joinTimeout">After which the node ends if no seed node answered; null to wait for ever.</param>
    /// <param name="onTrouble">Called with what Akka warns of, one line each, by any thread.</param>
    /// <exception cref="NodeException">The port is taken, the certificate is none, or the configuration is wrong.</exception>
    public static Node Start(NodeSettings settings, string role, TimeSpan? joinTimeout, Action<string> onTrouble)
    {
        var seeds = settings.SeedAddresses();
        var certificate = settings.LoadCertificate();
        var config = Configure(settings, role, joinTimeout);
        var setup = BootstrapSetup.Create().WithConfig(config).And(new NodeLogSetup(onTrouble));
        if (certificate is not null)
        {
            setup = setup.And(new DotNettySslSetup(certificate, suppressValidation: false));
        }

        ActorSystem system;
        try
        {
            system = ActorSystem.Create(NodeSettings.SystemName, setup);
        }
        catch (Exception e) when (Find<SocketException>(e) is { } socket)
        {
            throw new NodeException($"cannot listen on {settings.Host}:{settings.Port}: {NodeSettings.OneLine(socket.Message)}; choose another host or port", isUsage: false, e);
        }
        catch (ConfigurationException e)
        {
            throw new NodeException($"the Akka configuration is wrong: {NodeSettings.OneLine(e.Message)}", isUsage: true, e);
        }

        var node = new Node(system);
        if (seeds.Count > 0)
        {
            node.Cluster.JoinSeedNodes(seeds);
        }
        else
        {
            node.Cluster.Join(node.Cluster.SelfAddress);
        }

        return node;
    }

    /// <summary>Takes leave of the cluster, so that nobody waits for this node, and ends.</summary>
    public async Task LeaveAsync()
    {
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
        await System.WhenTerminated.ConfigureAwait(false);
    }

    /// <summary>For one actor that sends frames of this kind.</summary>
    public FrameLink NewLink(Func<byte[], Frame> wrap)
    {
        var config = System.Settings.Config;
        return new FrameLink(config.GetInt("dloss.frame-bytes"), config.GetLong("dloss.assembly-bytes"), wrap);
    }

    private static Config Configure(NodeSettings settings, string role, TimeSpan? joinTimeout)
    {
        var config = ConfigurationFactory.FromResource("akka.conf", typeof(Node).Assembly);
        if (settings.Configuration is { } path)
        {
            config = Read(path).WithFallback(config);
        }

        config = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.remote.dot-netty.tcp.hostname = {{Quote(settings.Host)}}
            akka.remote.dot-netty.tcp.port = {{settings.Port}}
            akka.remote.dot-netty.tcp.enable-ssl = {{(settings.Certificate is null ? "off" : "on")}}
            akka.cluster.roles = [{{role}}]
            akka.cluster.seed-nodes = []
            akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = {{(joinTimeout is { } limit ? $"{limit.TotalMilliseconds:0} ms" : "off")}}
            """)).WithFallback(config);
        long frame = config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size") ?? 0;
        int bytes = config.GetInt("dloss.frame-bytes");
        return bytes >= Wire.WireChunks.MinFrameBytes && bytes + EnvelopeBytes <= frame
            ? config
            : throw new NodeException(
                $"dloss.frame-bytes = {bytes} does not fit akka.remote.dot-netty.tcp.maximum-frame-size = {frame}: leave {EnvelopeBytes} bytes for what Akka adds", isUsage: true);
    }

    private static Config Read(string path)
    {
        try
        {
            return ConfigurationFactory.ParseString(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NodeException($"the Akka configuration cannot be read: {NodeSettings.OneLine(e.Message)}", isUsage: true, e);
        }
        catch (Exception e)
        {
            // The parser throws exceptions of many kinds.
            throw new NodeException($"{path}: no HOCON: {NodeSettings.OneLine(e.Message)}", isUsage: true, e);
        }
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static T? Find<T>(Exception? e)
        where T : Exception => e switch
        {
            null => null,
            T found => found,
            AggregateException many => many.InnerExceptions.Select(Find<T>).FirstOrDefault(f => f is not null),
            _ => Find<T>(e.InnerException),
        };
}
