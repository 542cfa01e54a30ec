namespace DistributedLoss.Cli.Engines;

/// <summary>The engines that this build has, as <c>--engine</c> names them. Literals, so that no engine's assembly is loaded for its name.</summary>
internal static class EngineNames
{
    public const string Local = "local";

    public const string RabbitMq = "rabbitmq";

    /// <summary>Those whose workers are processes of their own.</summary>
    public static readonly string[] Cluster = [RabbitMq];

    public static readonly string[] All = [Local, .. Cluster];

    public static bool IsCluster(string engine) => Cluster.Contains(engine);
}
