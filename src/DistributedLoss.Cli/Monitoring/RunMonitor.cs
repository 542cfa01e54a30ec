using System.Runtime.CompilerServices;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Cli.Monitoring;

/// <summary>What <c>--http</c> serves while a command runs.</summary>
internal sealed class RunMonitor : IProgress<RunProgress>, IAsyncDisposable, IDisposable
{
    private readonly IObservedStatus _status;
    private readonly StatusServer _server;

    private RunMonitor(IObservedStatus status, StatusServer server) => (_status, _server) = (status, server);

    /// <param name="option">As <see cref="HttpOption"/> takes it; without it the configuration decides.</param>
    /// <param name="log">Whose events it listens to.</param>
    /// <returns>Null where nothing is to be served; nothing that serves is loaded then.</returns>
    /// <exception cref="CliException">The address is of no form, or cannot be listened at.</exception>
    public static Task<RunMonitor?> OfCoordinatorAsync(string? option, DlossConfiguration configuration, RunLog log) =>
        (option ?? configuration.HttpListen) is { } address ? CoordinateAsync(address, configuration, log) : Task.FromResult<RunMonitor?>(null);

    /// <inheritdoc cref="OfCoordinatorAsync"/>
    public static Task<RunMonitor?> OfWorkerAsync(string? option, DlossConfiguration configuration, RunLog log) =>
        (option ?? configuration.HttpListen) is { } address ? WorkAsync(address, configuration, log) : Task.FromResult<RunMonitor?>(null);

    public void Report(RunProgress value) => (_status as IProgress<RunProgress>)?.Report(value);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Methods of their own, and no delegates: a method may load all types that it names before it runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<RunMonitor?> CoordinateAsync(string address, DlossConfiguration configuration, RunLog log) =>
        ListenAsync(address, new CoordinatorStatus(configuration.StallLimit, TimeProvider.System), log);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<RunMonitor?> WorkAsync(string address, DlossConfiguration configuration, RunLog log) =>
        ListenAsync(address, new WorkerStatus(configuration.AwayLimit, TimeProvider.System), log);

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
