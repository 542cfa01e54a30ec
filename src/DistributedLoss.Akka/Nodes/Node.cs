using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Remote.Transport.DotNetty;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistributedLoss.Akka.Nodes;

/// <summary>One member of the cluster: an actor system that listens, joins, and leaves.</summary>
internal sealed class Node
{
    public const string CoordinatorRole = "coordinator";
    public const string WorkerRole = "worker";

    private readonly Mute _mute;

    private Node(ActorSystem system, Mute mute)
    {
        (System, _mute) = (system, mute);
        Cluster = AkkaCluster.Get(system);
    }

    public ActorSystem System { get; }

    public AkkaCluster Cluster { get; }

    /// <summary>Whether the node ended because no seed node answered; else the other nodes removed it.</summary>
    public bool FoundNobody => CoordinatedShutdown.Get(System).ShutdownReason is CoordinatedShutdown.ClusterJoinUnsuccessfulReason;

    /// <summary>After which a node ends that no seed node answered.</summary>
    public TimeSpan JoinTimeout => System.Settings.Config.GetTimeSpan(NodeConfiguration.JoinTimeoutKey);

    public TimeSpan JoinInterval => System.Settings.Config.GetTimeSpan(NodeConfiguration.JoinIntervalKey);

    public TimeSpan RequestInterval => System.Settings.Config.GetTimeSpan(NodeConfiguration.RequestIntervalKey);

    /// <summary>Ends when the node was stopped, or was removed from the cluster by the others.</summary>
    public Task Ended => System.WhenTerminated;

    /// <param name="waitsForEver">Until a seed node answers; otherwise the node ends after <see cref="JoinTimeout"/>.</param>
    /// <param name="onEvent">Told when the node is a member, and what Akka warns of, by any thread; must not throw.</param>
    /// <exception cref="NodeException">The port is taken, or this machine does not trust the certificate.</exception>
    /// <exception cref="BadOptionException">The certificate is none, or the configuration is wrong.</exception>
    public static Node Start(NodeSettings settings, string role, bool waitsForEver, Action<RunEvent> onEvent)
    {
        var seeds = settings.SeedAddresses();
        var certificate = NodeCertificate.Load(settings);
        var config = NodeConfiguration.Create(settings, role, waitsForEver);
        string name = string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");
        var mute = new Mute(trouble => onEvent(new RunEvent.ClusterTrouble(name, trouble)));
        var setup = BootstrapSetup.Create().WithConfig(config).And(new NodeLogSetup(mute.Tell));
        if (certificate is not null)
        {
            setup = setup.And(new DotNettySslSetup(certificate, suppressValidation: false));
        }

        ActorSystem system;
        NodeStartLog.Sink.Value = mute.Tell;
        try
        {
            system = ActorSystem.Create(NodeSettings.SystemName, setup);
        }
        catch (Exception e) when (Find<SocketException>(e) is { } socket)
        {
            throw new NodeException($"cannot listen on {settings.Host}:{settings.Port}: {NodeSettings.OneLine(socket.Message)}; choose another host or port", e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Akka says in exceptions of many kinds, and in wrappers of them, that a setting is wrong.
            throw new BadOptionException($"the node cannot be started: {NodeSettings.OneLine(e.GetBaseException().Message)}; check the Akka configuration");
        }
        finally
        {
            NodeStartLog.Sink.Value = null;
        }

        var node = new Node(system, mute);
        node.Cluster.RegisterOnMemberUp(() => onEvent(new RunEvent.ClusterJoined($"{node.Cluster.SelfAddress}")));
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
        _mute.IsOn = true;
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
        await System.WhenTerminated.ConfigureAwait(false);
    }

    /// <summary>For one actor that sends frames of this kind.</summary>
    /// <param name="actors">That have one: they share what the node may hold.</param>
    public FrameLink NewLink(Func<byte[], Frame> wrap, int actors = 1)
    {
        var config = System.Settings.Config;
        return new FrameLink(config.GetInt(NodeConfiguration.FrameKey), config.GetLong(NodeConfiguration.AssemblyKey) / actors, wrap);
    }

    private static T? Find<T>(Exception? e)
        where T : Exception => e switch
        {
            null => null,
            T found => found,
            AggregateException many => many.InnerExceptions.Select(Find<T>).FirstOrDefault(f => f is not null),
            _ => Find<T>(e.InnerException),
        };

    /// <summary>That connections break when a node leaves is no trouble of anybody's.</summary>
    private sealed class Mute(Action<string> onTrouble)
    {
        private volatile bool _isOn;

        public bool IsOn
        {
            set => _isOn = value;
        }

        public void Tell(string trouble)
        {
            if (!_isOn)
            {
                onTrouble(trouble);
            }
        }
    }
}
