using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Monitoring;

namespace DistributedLoss.Cli.Commands;

/// <summary>A worker, from settings to exit code: it ends when it is asked to, which is how it should, or when its broker cannot be used.</summary>
internal sealed class WorkerProcess(CliConsole console, WorkerSettings settings)
{
    /// <exception cref="CliException">The settings cannot be used; nothing has run.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var configuration = DlossConfiguration.Load(console);
        string engine = settings.Engine.Engine ?? configuration.Engine(EngineNames.Cluster)
            ?? throw CliException.Usage($"no engine is named; give --engine {EngineNames.Cluster[0]}");
        using var log = RunLog.Open(settings.Log, configuration, new StderrLines(console.Error), bar: false, progress: false);
        try
        {
            await using var monitor = await RunMonitor.OfWorkerAsync(settings.Http, configuration, log);
            await EngineFactory.WorkAsync(engine, console, settings, configuration, log.Write, stop);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            var (code, message, unexpected) = DlossApp.Explain(e);
            log.Fail(message, 0, unexpected ? e : null);
            return code;
        }
    }
}
