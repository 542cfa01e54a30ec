using DistributedLoss.Akka;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;

namespace DistributedLoss.Cli.Engines;

/// <summary>From the command's words to the Akka.NET engine.</summary>
internal static class AkkaFactory
{
    /// <exception cref="CliException">Options are of another engine than the one that is chosen.</exception>
    public static void Check(string engine, EngineSettings settings)
    {
        if (engine != EngineNames.Akka && (settings.Akka.Node is not null || settings.Akka.SeedNodes.Count > 0))
        {
            throw CliException.Usage($"--node and --seed-node are for --engine {EngineNames.Akka}, not {engine}; leave them out");
        }

        if (engine == EngineNames.Akka && (settings.Broker ?? settings.BrokerAuthority ?? settings.BrokerCertificate ?? settings.BrokerKey) is not null)
        {
            throw CliException.Usage($"--broker... is for --engine {EngineNames.RabbitMq}, not {engine}; leave it out");
        }
    }

    public static AkkaEngine CreateEngine(CliConsole console, EngineSettings settings, CoordinatorOptions coordinator, RunDirectory? directory) =>
        new(new AkkaEngineOptions { Node = ReadNode(console, settings), Coordinator = coordinator, RunDirectory = directory });

    public static Task WorkAsync(CliConsole console, WorkerSettings settings, DlossConfiguration configuration, Action<RunEvent> onEvent, CancellationToken stop)
    {
        var defaults = new AkkaWorkerOptions { Node = ReadNode(console, settings.Engine) };
        return new AkkaWorker(defaults with
        {
            Slots = settings.Slots ?? configuration.WorkerSlots ?? defaults.Slots,
            Grace = settings.Grace ?? configuration.WorkerGrace ?? defaults.Grace,
            IdleLimit = settings.IdleLimit ?? configuration.WorkerIdleLimit,
        }).RunAsync(onEvent, stop);
    }

    // The command line goes before the environment.
    private static NodeSettings ReadNode(CliConsole console, EngineSettings settings)
    {
        var node = NodeSettings.FromEnvironment(console.Variable);
        node = settings.Akka.Node is { } at ? node.At(at) : node;
        node = settings.Akka.SeedNodes.Count > 0 ? node with { SeedNodes = settings.Akka.SeedNodes } : node;
        node.Check();
        return node;
    }
}
