using System.Net;
using System.Runtime.CompilerServices;
using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;
using DistributedLoss.Reports;
using DistributedLoss.Results;
using DistributedLoss.Runs;
using Serilog.Events;

namespace DistributedLoss.Cli.Monitoring;

/// <summary>What <c>--http</c> serves while a command runs.</summary>
internal sealed class RunMonitor : IProgress<RunProgress>, IAsyncDisposable
{
    /// <summary>What viewers get at the end of a run to fetch its report: seconds for a megabyte, not for a meal.</summary>
    private static readonly TimeSpan ViewersLimit = TimeSpan.FromSeconds(10);

    /// <summary>... and to hear that it was cancelled, by somebody who wants it to end.</summary>
    private static readonly TimeSpan CancelledLimit = TimeSpan.FromSeconds(1);

    private readonly IObservedStatus _status;
    private readonly LiveRun? _run;
    private readonly StatusServer _server;
    private readonly bool _stays;
    private Func<byte[]>? _report;

    private RunMonitor(IObservedStatus status, LiveRun? run, StatusServer server, bool stays) => (_status, _run, _server, _stays) = (status, run, server, stays);

    /// <param name="log">Whose events it listens to.</param>
    /// <returns>Null where nothing is to be served; nothing that serves is loaded then.</returns>
    /// <exception cref="CliException">The address is of no form, or cannot be listened at.</exception>
    public static Task<RunMonitor?> OfCoordinatorAsync(CliConsole console, RunSettings settings, DlossConfiguration configuration, RunLog log)
    {
        if ((settings.Http ?? configuration.HttpListen) is { } address)
        {
            return CoordinateAsync(address, console, settings, configuration, log);
        }

        return settings.HttpStay
            ? throw CliException.Usage($"{HttpOption.StayName}: nothing is served that could stay; give {HttpOption.Name} PORT")
            : Task.FromResult<RunMonitor?>(null);
    }

    /// <inheritdoc cref="OfCoordinatorAsync"/>
    /// <param name="option">As <see cref="HttpOption"/> takes it; without it the configuration decides.</param>
    public static Task<RunMonitor?> OfWorkerAsync(string? option, DlossConfiguration configuration, RunLog log) =>
        (option ?? configuration.HttpListen) is { } address ? WorkAsync(address, configuration, log) : Task.FromResult<RunMonitor?>(null);

    public void Report(RunProgress value)
    {
        (_status as IProgress<RunProgress>)?.Report(value);
        _run?.Report(value);
    }

    /// <summary>The run is done: viewers get its report. It is made when the first of them reads it, and not without one.</summary>
    public void Complete(EvaluationResult result) => _report = () =>
    {
        using var page = new MemoryStream();
        ResultReport.Write(page, result);
        return page.ToArray();
    };

    /// <summary>Ends the server: at once where nobody watches, else when viewers have what there is, and where it is to stay with <paramref name="cancel"/>.</summary>
    public async Task EndAsync(RunLog log, CancellationToken cancel)
    {
        _run?.End(_report);
        bool isCancelled = cancel.IsCancellationRequested;
        if (_stays && !isCancelled)
        {
            log.Stays(_server.Address);
            await Task.Delay(Timeout.Infinite, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        else
        {
            await _server.WaitForViewersAsync(isCancelled ? CancelledLimit : ViewersLimit, isCancelled ? CancellationToken.None : cancel);
        }

        await DisposeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Methods of their own, and no delegates: a method may load all types that it names before it runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<RunMonitor?> CoordinateAsync(string text, CliConsole console, RunSettings settings, DlossConfiguration configuration, RunLog log)
    {
        var address = Parse(text);
        var given = HttpToken.Read(console);
        var made = given is null && AccessToken.IsNeededAt(address) ? AccessToken.Random() : null;
        var run = new LiveRun(string.Join(' ', settings.Paths.Select(Shown)), TimeProvider.System);
        var status = new CoordinatorStatus(configuration.StallLimit, TimeProvider.System);
        var server = await ListenAsync(text, () => StatusServer.StartAsync(address, status, run, given ?? made));
        log.Observer = e =>
        {
            status.Observe(e);
            run.Observe(e);
            if (e is not RunEvent.Progress)
            {
                var now = DateTimeOffset.Now;
                run.Tell(Word(RunEventLog.Level(e)), () => TextLineFormatter.Message(RunEventLog.ToLogEvent(e, now)));
            }
        };
        log.OwnLines = line => run.Tell(Word(line.Level), () => TextLineFormatter.Message(line));
        log.Listening(server.Address, Reachable(server.Address), made?.Text);
        return new RunMonitor(status, run, server, settings.HttpStay);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<RunMonitor?> WorkAsync(string text, DlossConfiguration configuration, RunLog log)
    {
        var address = Parse(text);
        var status = new WorkerStatus(configuration.AwayLimit, TimeProvider.System);
        var server = await ListenAsync(text, () => StatusServer.StartAsync(address, status));
        log.Observer = status.Observe;
        log.Listening(server.Address, page: null, secret: null);
        return new RunMonitor(status, run: null, server, stays: false);
    }

    private static IPEndPoint Parse(string text) =>
        HttpAddress.TryParse(text, out var address) ? address : throw CliException.Usage($"configuration: http.listen is '{text}', not {HttpOption.Form}");

    private static async Task<StatusServer> ListenAsync(string text, Func<Task<StatusServer>> start)
    {
        try
        {
            return await start();
        }
        catch (IOException e)
        {
            throw new CliException(ExitCode.RunFailed, $"{HttpOption.Name} {text}: {CliException.Reason(e)}; name a free port, or 0 for any", e);
        }
    }

    /// <summary>Every interface is none that a browser could open: this machine's name is.</summary>
    private static Uri Reachable(Uri address) =>
        address.Host is "0.0.0.0" or "[::]" ? new UriBuilder(address) { Host = Dns.GetHostName() }.Uri : address;

    /// <summary>The query of a URL may be a signature, and before its host may stand a password.</summary>
    private static string Shown(string path) =>
        !InputFiles.IsRemote(path) ? path
        : Uri.TryCreate(path, UriKind.Absolute, out var url) ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : "URL";

    private static string Word(LogEventLevel level) => level.ToString().ToLowerInvariant();
}
