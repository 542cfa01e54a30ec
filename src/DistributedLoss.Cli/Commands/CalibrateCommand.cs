using System.CommandLine;
using DistributedLoss.Cli.Calibration;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using Serilog.Events;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss calibrate PATH...</c></summary>
internal sealed class CalibrateCommand
{
    public const string Name = "calibrate";

    public const string Description = "Finds the temperature that minimises the exact mean loss of a dump, and shows that it does.";

    private readonly InputOptions _input = new();
    private readonly LossOptions _loss = new();

    private readonly IntegerOption _ignoreIndex = CliOptions.Integer(
        "--ignore-index", "Rows with this label are ignored", EvaluationOptions.DefaultIgnoreIndex, long.MinValue, long.MaxValue);

    private readonly ChoiceOption _onInvalid = CliOptions.Choice("--on-invalid", "Rows that have no loss: end the run, or count them by cause and go on", "fail", "skip");

    private readonly EngineOptions _engine = new(EngineNames.All, EngineNames.Local, "at the start 0, after a loss 120");

    private readonly IntegerOption _workers = CliOptions.OptionalInteger("--workers", "Parallel workers [default: one a processor]", 1, DlossConfiguration.WorkerLimit);

    private readonly IntegerOption _shardBytes = CliOptions.Integer(
        "--shard-bytes", "Stored bytes that a worker gets at a time, rounded up to whole pages; no number depends on it", PlanOptions.DefaultShardBytes, 1, long.MaxValue);

    private readonly ChoiceOption _format = CliOptions.Choice("--format", "The result on stdout", "table", "json");

    private readonly Option<string> _output = CliOptions.Text("--output", "FILE.json", "Also write the result's JSON to this file");

    private readonly Option<string> _report = CliOptions.Text("--report", "FILE.html", "Also write the result as a page to look at: one file that needs nothing else");

    private readonly ChoiceOption _logFormat = CliOptions.Choice(LogFormats.Option, "The log's format: lines for people or one JSON object a line", "text", "json");

    private readonly Option<string> _logFile = CliOptions.Text("--log-file", "FILE", "Append the log to this file, rather than to stderr");

    private readonly ChoiceOption _logLevel = CliOptions.OptionalChoice(
        "--log-level", "LEVEL", "What is logged: verbose, debug, information, warning, error, fatal [default: warning; in a file information; as JSON debug]", LogLevels.All);

    private readonly ChoiceOption _progress = CliOptions.Choice("--progress", "A bar on a terminal and lines elsewhere, a bar always, or nothing", "auto", "always", "never");

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var options = new CalibrateCommand();
        options._input.AddTo(command);
        options._loss.AddTo(command);
        foreach (Option option in (Option[])
            [
                options._ignoreIndex, options._onInvalid, options._workers, options._shardBytes, options._format, options._output, options._report, options._logFormat,
                options._logFile, options._logLevel, options._progress,
            ])
        {
            command.Add(option);
        }

        options._engine.AddTo(command);
        command.SetAction(parse => new CalibrationRun(console, options.Read(parse)).Run(cancel));
    }

    private RunSettings Read(ParseResult parse)
    {
        var (paths, input) = _input.Read(parse);
        return new RunSettings
        {
            Paths = paths,
            Options = _loss.Apply(parse, input) with { IgnoreIndex = _ignoreIndex.Value(parse), OnInvalid = (InvalidRowPolicy)_onInvalid.Index(parse) },
            Engine = _engine.Read(parse),
            Workers = (int?)_workers.OptionalValue(parse),
            ShardBytes = _shardBytes.Value(parse),
            Format = (ResultFormat)_format.Index(parse),
            Output = parse.GetValue(_output),
            Report = parse.GetValue(_report),
            Log = new LogSettings((LogFormat)_logFormat.Index(parse), parse.GetValue(_logFile), (LogEventLevel?)_logLevel.OptionalIndex(parse)),
            Progress = (ProgressMode)_progress.Index(parse),
        };
    }
}
