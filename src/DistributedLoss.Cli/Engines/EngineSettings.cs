namespace DistributedLoss.Cli.Engines;

/// <summary>What the command line says about the engine; null is left to the environment and the configuration.</summary>
internal sealed record EngineSettings
{
    public string? Engine { get; init; }

    public string? Broker { get; init; }

    public string? BrokerAuthority { get; init; }

    public string? BrokerCertificate { get; init; }

    public string? BrokerKey { get; init; }

    /// <summary>How long a broker that is away is tried for.</summary>
    public TimeSpan? BrokerWait { get; init; }

    public TimeSpan? Liveness { get; init; }
#if FULL_REGISTRY

    public AkkaSettings Akka { get; init; } = new();
#endif
}
