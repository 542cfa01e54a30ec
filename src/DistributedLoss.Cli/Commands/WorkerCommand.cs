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
    public const string Name = "worker";

    public const string Description = "Evaluates shards of the runs that a broker announces, until it is stopped: SIGTERM finishes or hands back what is under way.";

    private const long SecondsLimit = 604_800;

    private readonly EngineOptions _engine = new(EngineNames.Cluster, "engine.name of the configuration", "for ever");

    private readonly IntegerOption _slots = CliOptions.OptionalInteger(
        "--slots", "Shards that are evaluated at once [default: one a processor]", 1, DlossConfiguration.WorkerLimit);

    private readonly IntegerOption _grace = CliOptions.OptionalInteger(
        "--grace", "Seconds that a shard under way may take after SIGTERM, before it is handed back [default: 20]", 0, SecondsLimit, "SECONDS");

    private readonly IntegerOption _idle = CliOptions.OptionalInteger(
        "--idle-exit", "Leave after so many seconds without a shard [default: never]", 1, SecondsLimit, "SECONDS");

    private readonly ChoiceOption _logFormat = CliOptions.Choice(
        LogFormats.Option, "The log's format: lines for people or one JSON object a line", "text", "json");

    private readonly Option<string> _logFile = CliOptions.Text("--log-file", "FILE", "Append the log to this file, rather than to stderr");

    private readonly ChoiceOption _logLevel = CliOptions.OptionalChoice(
        "--log-level", "LEVEL", "What is logged: verbose, debug, information, warning, error, fatal [default: information; as JSON debug]", LogLevels.All);

    private readonly Option<string> _http = HttpOption.Create(HttpOption.Serve);

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var options = new WorkerCommand();
        options._engine.AddTo(command);
        foreach (Option option in (Option[])[options._slots, options._grace, options._idle, options._logFormat, options._logFile, options._logLevel, options._http])
        {
            command.Add(option);
        }

        command.SetAction(parse => new WorkerProcess(console, options.Read(parse)).RunAsync(cancel).GetAwaiter().GetResult());
    }

    private WorkerSettings Read(ParseResult parse) => new()
    {
        Engine = _engine.Read(parse),
        Slots = (int?)_slots.OptionalValue(parse),
        Grace = Seconds(_grace.OptionalValue(parse)),
        IdleLimit = Seconds(_idle.OptionalValue(parse)),
        Log = new LogSettings((LogFormat)_logFormat.Index(parse), parse.GetValue(_logFile), (LogEventLevel?)_logLevel.OptionalIndex(parse)) { IsService = true },
        Http = parse.GetValue(_http),
    };

    private static TimeSpan? Seconds(long? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
