using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.RabbitMq;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.Cli.Engines;

/// <summary>From the command's words to the RabbitMQ engine.</summary>
internal static class RabbitMqFactory
{
    public static RabbitMqEngine CreateEngine(
        CliConsole console, EngineSettings settings, DlossConfiguration configuration, CoordinatorOptions coordinator, RunDirectory? directory)
    {
        var engine = new RabbitMqEngine(new RabbitMqEngineOptions
        {
            Broker = ReadBroker(console, settings, configuration),
            Coordinator = coordinator,
            RunDirectory = directory,
            Patience = PatienceOf(settings, configuration) ?? Patience.OfCoordinator,
        });
        engine.BeginConnecting();
        return engine;
    }

    public static Task WorkAsync(CliConsole console, WorkerSettings settings, DlossConfiguration configuration, Action<RunEvent> onEvent, CancellationToken stop)
    {
        var defaults = new RabbitMqWorkerOptions { Broker = ReadBroker(console, settings.Engine, configuration) };
        return new RabbitMqWorker(defaults with
        {
            Slots = settings.Slots ?? configuration.WorkerSlots ?? defaults.Slots,
            Grace = settings.Grace ?? configuration.WorkerGrace ?? defaults.Grace,
            IdleLimit = settings.IdleLimit ?? configuration.WorkerIdleLimit,
            Patience = PatienceOf(settings.Engine, configuration) ?? defaults.Patience,
        }).RunAsync(onEvent, stop);
    }

    private static Patience? PatienceOf(EngineSettings settings, DlossConfiguration configuration) =>
        (settings.BrokerWait ?? configuration.BrokerWait) is { } wait ? new Patience(wait, wait) : null;

    private static BrokerSettings ReadBroker(CliConsole console, EngineSettings settings, DlossConfiguration configuration)
    {
        // The command line, then the environment's own variable, then the configuration.
        string? From(string? option, string variable, string key) => option ?? (console.Variable(variable) is { Length: > 0 } ? null : configuration.Text(key));
        return BrokerSettings.Read(
            From(settings.Broker, BrokerSettings.UriVariable, "broker:uri"),
            From(settings.BrokerAuthority, BrokerSettings.AuthorityVariable, "broker:ca"),
            From(settings.BrokerCertificate, BrokerSettings.CertificateVariable, "broker:cert"),
            From(settings.BrokerKey, BrokerSettings.KeyVariable, "broker:key"),
            console.Variable,
            settings.Liveness ?? configuration.Liveness);
    }
}
