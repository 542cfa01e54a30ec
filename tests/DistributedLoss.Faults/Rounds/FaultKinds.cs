namespace DistributedLoss.Faults.Rounds;

[Flags]
internal enum FaultKinds
{
    None = 0,

    /// <summary>A worker is killed every two seconds, and replaced.</summary>
    Workers = 1,

    /// <summary>The coordinator is killed at a third and at two thirds of the shards, and restarted with --resume.</summary>
    Coordinator = 2,

    /// <summary>The broker is stopped or killed in mid-run, and started again.</summary>
    Broker = 4,

    /// <summary>A worker is stopped until the broker takes it for dead, and then continued.</summary>
    Pause = 8,

    /// <summary>A worker's network is cut until it and the broker take each other for dead, and then restored.</summary>
    Link = 16,

    All = Workers | Coordinator | Broker | Pause | Link,
}

internal static class FaultKindsExtensions
{
    public static IEnumerable<FaultKinds> Split(this FaultKinds kinds) =>
        Enum.GetValues<FaultKinds>().Where(k => int.IsPow2((int)k) && kinds.HasFlag(k));
}
