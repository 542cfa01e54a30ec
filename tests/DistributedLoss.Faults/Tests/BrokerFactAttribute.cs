using DistributedLoss.Faults.Processes;

// Clusters share two cores, and deadlines are of wall time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace DistributedLoss.Faults.Tests;

/// <summary>A test that needs a real broker, and root's rights where it says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerFactAttribute : FactAttribute
{
    /// <summary>Hangs show as failures.</summary>
    private const int TimeoutMilliseconds = 240_000;

    public BrokerFactAttribute(Needs needs = Needs.Broker)
    {
        Timeout = TimeoutMilliseconds;
        Skip = Broker.Missing ?? needs switch
        {
            Needs.Network => NetworkLink.Missing,
            Needs.Mounts => Mounts.Missing,
            _ => null,
        };
    }
}

public enum Needs
{
    Broker,

    /// <summary>A network namespace.</summary>
    Network,

    /// <summary>A mount namespace.</summary>
    Mounts,
}
