using Akka.Actor;
using Akka.Cluster;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistributedLoss.Akka.Nodes;

/// <summary>Tells its parent of nodes that are out of the cluster's sight, or out of the cluster: long before death watch does, which waits for their removal.</summary>
internal sealed class MembershipWatch : ReceiveActor
{
    private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);

    public MembershipWatch()
    {
        Receive<ClusterEvent.UnreachableMember>(e => Tell(e.Member, "the cluster does not reach its node"));
        Receive<ClusterEvent.MemberRemoved>(e => Tell(e.Member, "its node left the cluster"));
    }

    protected override void PreStart() => _cluster.Subscribe(
        Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.MemberRemoved));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private static void Tell(Member member, string reason) =>
        Context.Parent.Tell(new CoordinatorActor.NodeLost(member.Address, $"{reason}, {member.Address}"));
}
