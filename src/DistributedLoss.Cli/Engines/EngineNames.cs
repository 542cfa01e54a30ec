namespace DistributedLoss.Cli.Engines;

/// <summary>The engines that this build has, as <c>--engine</c> names them. Literals, so that no engine's assembly is loaded for its name.</summary>
internal static class EngineNames
{
    public const string Local = "local";

    public const string RabbitMq = "rabbitmq";

    public const string Akka = "akka";

    /// <summary>Those whose workers are processes of their own.</summary>
#if FULL_REGISTRY
    public static readonly string[] Cluster = [RabbitMq, Akka];
#else
    public static readonly string[] Cluster = [RabbitMq];
#endif

    public static readonly string[] All = [Local, .. Cluster];

    /// <summary>Why a command does not take the engine; null where it does.</summary>
    /// <param name="engines">Those that it takes.</param>
    public static string? Refusal(string engine, string[] engines) =>
        engines.Contains(engine) ? null
        : engine == Akka ? "this build is without Akka.NET; build it on the public registry with -p:FullRegistry=true (docs/engines.md), or use rabbitmq"
        : $"not one of {string.Join(", ", engines)}";

    public static bool IsCluster(string engine) => Cluster.Contains(engine);
}
