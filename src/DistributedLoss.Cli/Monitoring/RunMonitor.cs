using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Cli.Monitoring;

/// <summary>What <c>--http</c> serves while a command runs.</summary>
internal sealed class RunMonitor : IProgress<RunProgress>, IAsyncDisposable
{
    private readonly CoordinatorStatus _status;
    private readonly StatusServer _server;

    private RunMonitor(CoordinatorStatus status, StatusServer server) => (_status, _server) = (status, server);

    /// <param name="address">As <see cref="HttpOption"/> takes it; null to serve nothing, and to load nothing that serves.</param>
    /// <param name="log">Whose events it listens to.</param>
    /// <exception cref="CliException">The address is of no form, or cannot be listened at.</exception>
    public static Task<RunMonitor?> StartAsync(string? address, DlossConfiguration configuration, RunLog log) =>
        address is null ? Task.FromResult<RunMonitor?>(null) : ListenAsync(address, configuration, log);

    public void Report(RunProgress value) => _status.Report(value);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<RunMonitor?> ListenAsync(string text, DlossConfiguration configuration, RunLog log)
    {
        if (!HttpAddress.TryParse(text, out var address))
        {
            throw CliException.Usage($"configuration: http.listen is '{text}', not {HttpOption.Form}");
        }

        var status = new CoordinatorStatus(configuration.StallLimit, TimeProvider.System);
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
