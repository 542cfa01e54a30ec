using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Output;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Local;

namespace DistributedLoss.Cli.Engines;

/// <summary>The one place that knows every engine. Each is made in a method of its own, so that an evaluation loads the assemblies of one.</summary>
internal static class EngineFactory
{
    /// <exception cref="CliException">The engine is none, or options contradict it.</exception>
    public static string Choose(RunSettings settings, DlossConfiguration configuration)
    {
        string engine = settings.Engine.Engine ?? configuration.Engine(EngineNames.All) ?? EngineNames.Local;
        if (EngineNames.IsCluster(engine))
        {
            if (settings.Losses is not null)
            {
                throw CliException.Usage($"--losses with --engine {engine}: the losses of rows stay with the workers; leave --losses out, or evaluate with --engine {EngineNames.Local}");
            }

            if (settings.Workers is not null)
            {
                throw CliException.Usage($"--workers with --engine {engine}: workers are processes of their own, as many as are started with dloss worker; leave --workers out");
            }
        }

        return engine;
    }

    /// <summary>Made ahead of the plan: an engine may connect meanwhile.</summary>
    /// <param name="engine">As <see cref="Choose"/> gave it.</param>
    public static IEngine Create(string engine, CliConsole console, RunSettings settings, DlossConfiguration configuration, RunDirectory? directory, LossOutput? losses)
    {
        var coordinator = new CoordinatorOptions { ProgressInterval = configuration.ProgressInterval };
#if FULL_REGISTRY
        AkkaFactory.Check(engine, settings.Engine);
#endif
        return engine switch
        {
            EngineNames.Local => CreateLocal(settings, configuration, coordinator, directory, losses),
            EngineNames.RabbitMq => RabbitMqFactory.CreateEngine(console, settings.Engine, configuration, coordinator, directory),
#if FULL_REGISTRY
            EngineNames.Akka => AkkaFactory.CreateEngine(console, settings.Engine, coordinator, directory),
#endif
            _ => throw new ArgumentException($"no engine {engine}", nameof(engine)),
        };
    }

    /// <summary>Works until it is asked to stop.</summary>
    /// <param name="engine">One of <see cref="EngineNames.Cluster"/>.</param>
    public static Task WorkAsync(
        string engine, CliConsole console, WorkerSettings settings, DlossConfiguration configuration, Action<RunEvent> onEvent, CancellationToken stop)
    {
#if FULL_REGISTRY
        AkkaFactory.Check(engine, settings.Engine);
#endif
        return engine switch
        {
            EngineNames.RabbitMq => RabbitMqFactory.WorkAsync(console, settings, configuration, onEvent, stop),
#if FULL_REGISTRY
            EngineNames.Akka => AkkaFactory.WorkAsync(console, settings, configuration, onEvent, stop),
#endif
            _ => throw new ArgumentException($"no cluster engine {engine}", nameof(engine)),
        };
    }

    private static LocalEngine CreateLocal(
        RunSettings settings, DlossConfiguration configuration, CoordinatorOptions coordinator, RunDirectory? directory, LossOutput? losses) => new(new LocalEngineOptions
        {
            Workers = settings.Workers ?? configuration.Workers ?? Environment.ProcessorCount,
            Losses = losses?.File,
            RunDirectory = directory,
            Coordinator = coordinator,
        });
}
