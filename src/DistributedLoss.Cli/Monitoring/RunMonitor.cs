using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Cli.Monitoring;

/// <summary>What <c>--http</c> serves while a command runs.</summary>
internal sealed class RunMonitor : IProgress<RunProgress>, IAsyncDisposable
{
    private readonly IObservedStatus _status;
    private readonly StatusServer _server;

    private RunMonitor(IObservedStatus status, StatusServer server) => (_status, _server) = (status, server);

    /// <param name="option">As <see cref="HttpOption"/> takes it; without it the configuration decides.</param>
    /// <param name="log">Whose events it listens to.</param>
    /// <returns>Null where nothing is to be served; nothing that serves is loaded then.</returns>
    /// <exception cref="CliException">The address is of no form, or cannot be listened at.</exception>
    public static Task<RunMonitor?> OfCoordinatorAsync(string? option, DlossConfiguration configuration, RunLog log) =>
        StartAsync(option, configuration, log, () => new CoordinatorStatus(configuration.StallLimit, TimeProvider.System));

    /// <inheritdoc cref="OfCoordinatorAsync"/>
    public static Task<RunMonitor?> OfWorkerAsync(string? option, DlossConfiguration configuration, RunLog log) =>
        StartAsync(option, configuration, log, () => new WorkerStatus(configuration.AwayLimit, TimeProvider.System));

    public void Report(RunProgress value) => (_status as IProgress<RunProgress>)?.Report(value);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Task<RunMonitor?> StartAsync(string? option, DlossConfiguration configuration, RunLog log, Func<IObservedStatus> status) =>
        (option ?? configuration.HttpListen) is { } address ? ListenAsync(address, status(), log) : Task.FromResult<RunMonitor?>(null);

    private static async Task<RunMonitor?> ListenAsync(string text, IObservedStatus status, RunLog log)
    {
        if (!HttpAddress.TryParse(text, out var address))
        {
            throw CliException.Usage($"configuration: http.listen is '{text}', not {HttpOption.Form}");
        }

        try
        {
            var server = await StatusServer.StartAsync(address, status);
            log.Observer = status.Observe;
            log.Listening(server.Address);
            return new RunMonitor(status, server);
        }
        catch (IOException e)
        {
            throw new CliException(ExitCode.RunFailed, $"{HttpOption.Name} {text}: {CliException.Reason(e)}; name a free port, or 0 for any", e);
        }
    }
}
