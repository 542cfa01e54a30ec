namespace DistributedLoss.Coordination;

/// <content>What happens in a process of workers, and between it, a coordinator and their broker.</content>
public abstract partial record RunEvent
{
    /// <param name="Version">The broker's; null where it does not tell.</param>
    public sealed record BrokerConnected(string Broker, string? Version) : RunEvent;

    /// <summary>The broker is away, or the connection to it is lost; what runs goes on.</summary>
    /// <param name="RetrySeconds">Until the next attempt to connect.</param>
    public sealed record BrokerAway(string Broker, string Reason, double RetrySeconds) : RunEvent;

    /// <summary>A node is a member of an Akka cluster, for the first time or again.</summary>
    public sealed record ClusterJoined(string Node) : RunEvent;

    /// <summary>The other nodes removed this one; it begins anew.</summary>
    public sealed record ClusterLeft(string Node, string Reason) : RunEvent;

    /// <summary>What a node of an Akka cluster warns of; what runs goes on.</summary>
    public sealed record ClusterTrouble(string Node, string Reason) : RunEvent;

    /// <summary>To the coordinator: a worker cannot take part.</summary>
    public sealed record WorkerRefused(string Worker, string Reason) : RunEvent;

    /// <summary>A message is not what it should be, and is left alone.</summary>
    public sealed record MessageRefused(string Sender, string Reason) : RunEvent;

    public sealed record WorkerStarted(string Worker, int Slots, string Engine, string Version, string Kernel) : RunEvent;

    /// <summary>The worker has the run's inputs, and takes its shards.</summary>
    public sealed record RunJoined(string Run, string Worker, int Files, int? Classes) : RunEvent;

    public sealed record RunLeft(string Run, string Worker, string Reason) : RunEvent;

    /// <summary>The worker cannot take part in a run: it is of another version, or has not its inputs.</summary>
    public sealed record RunRefused(string Run, string Worker, string Reason) : RunEvent;

    public sealed record ShardTaken(string Run, int Shard, string ShardId, string Worker, int Attempt, long Rows, string File, int RowGroup) : RunEvent;

    /// <summary>The worker has evaluated a shard; it counts when the coordinator says so.</summary>
    public sealed record ShardDone(string Run, int Shard, string Worker, long Rows, long BytesRead, double Seconds) : RunEvent;

    /// <summary>The worker could not evaluate a shard, and reports that.</summary>
    public sealed record ShardFailed(string Run, int Shard, string Worker, int Attempt, string Reason) : RunEvent;

    /// <summary>The worker gives a shard back, or stops it, without a result.</summary>
    public sealed record ShardDropped(string Run, int Shard, string Worker, string Reason) : RunEvent;

    /// <param name="Shards">That it evaluated.</param>
    public sealed record WorkerStopped(string Worker, int Shards, string Reason) : RunEvent;
}
