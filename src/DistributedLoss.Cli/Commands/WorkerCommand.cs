using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Monitoring;
using Serilog.Events;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss worker</c></summary>
internal sealed class WorkerCommand
{
    private const long SecondsLimit = 604_800;

    private readonly EngineOptions _engine = new(EngineNames.Cluster, "engine.name of the configuration", "for ever");

    private readonly Option<long?> _slots = CliOptions.OptionalInteger(
        "--slots", "Shards that are evaluated at once [default: one a processor]", 1, DlossConfiguration.WorkerLimit);

    private readonly Option<long?> _grace = CliOptions.OptionalInteger(
        "--grace", "Seconds that a shard under way may take after SIGTERM, before it is handed back [default: 20]", 0, SecondsLimit, "SECONDS");

    private readonly Option<long?> _idle = CliOptions.OptionalInteger(
        "--idle-exit", "Leave after so many seconds without a shard [default: never]", 1, SecondsLimit, "SECONDS");

    private readonly Option<LogFormat> _logFormat = CliOptions.Choice(
        LogFormats.Option, "The log's format: lines for people or one JSON object a line", ("text", LogFormat.Text), ("json", LogFormat.Json));

    private readonly Option<string> _logFile = CliOptions.Text("--log-file", "FILE", "Append the log to this file, rather than to stderr");

    private readonly Option<LogEventLevel?> _logLevel = CliOptions.OptionalChoice(
        "--log-level", "LEVEL", "What is logged: verbose, debug, information, warning, error, fatal [default: information; as JSON debug]", [.. LogLevels.All]);

    private readonly Option<string> _http = HttpOption.Create(HttpOption.Serve);

    public static Command Create(CliConsole console)
    {
        var options = new WorkerCommand();
        var command = new Command("worker", "Evaluates shards of the runs that a broker announces, until it is stopped: SIGTERM finishes or hands back what is under way.");
        options._engine.AddTo(command);
        foreach (Option option in (Option[])[options._slots, options._grace, options._idle, options._logFormat, options._logFile, options._logLevel, options._http])
        {
            command.Add(option);
        }

        command.SetAction((parse, cancel) => new WorkerProcess(console, options.Read(parse)).RunAsync(cancel));
        return command;
    }

    private WorkerSettings Read(ParseResult parse) => new()
    {
        Engine = _engine.Read(parse),
        Slots = (int?)parse.GetValue(_slots),
        Grace = Seconds(parse.GetValue(_grace)),
        IdleLimit = Seconds(parse.GetValue(_idle)),
        Log = new LogSettings(parse.GetValue(_logFormat), parse.GetValue(_logFile), parse.GetValue(_logLevel)) { IsService = true },
        Http = parse.GetValue(_http),
    };

    private static TimeSpan? Seconds(long? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
