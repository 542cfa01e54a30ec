namespace DistributedLoss.Cli.Engines;

/// <summary>What the command line says about an Akka node; null and none are left to the environment.</summary>
internal sealed record AkkaSettings
{
    /// <summary>HOST or HOST:PORT.</summary>
    public string? Node { get; init; }

    /// <summary>HOST:PORT each.</summary>
    public IReadOnlyList<string> SeedNodes { get; init; } = [];
}
