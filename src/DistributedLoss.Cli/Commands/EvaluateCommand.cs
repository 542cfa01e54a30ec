using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Monitoring;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;
using Serilog.Events;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss evaluate PATH...</c></summary>
internal sealed class EvaluateCommand
{
    public const string Name = "evaluate";

    public const string Description = "Computes the exact mean cross-entropy of a dump, with accuracies, per-class figures and the hardest rows.";

    /// <summary>Rows that may be listed: a list for people, not a copy of the dump.</summary>
    private const int HardestLimit = 100_000;

    private readonly InputOptions _input = new();
    private readonly LossOptions _loss = new();
    private readonly StatisticOptions _statistics = new();

    private readonly IntegerOption _ignoreIndex = CliOptions.Integer(
        "--ignore-index", "Rows with this label are ignored", EvaluationOptions.DefaultIgnoreIndex, long.MinValue, long.MaxValue);

    private readonly Option<int[]?> _topK = new("--top-k")
    {
        Description = "The k of the top-k accuracies [default: 1,5]",
        HelpName = "K,...",
        CustomParser = ParseTopK,
    };

    private readonly ChoiceOption _onInvalid = CliOptions.Choice(
        "--on-invalid",
        "Rows that have no loss: end the run, or count them by cause and go on",
        "fail",
        "skip");

    private readonly IntegerOption _hardest = CliOptions.Integer("--hardest", "How many rows with the largest loss to list", 10, 0, HardestLimit);

    private readonly EngineOptions _engine = new(EngineNames.All, EngineNames.Local, "at the start 0, after a loss 120");

    private readonly IntegerOption _workers = CliOptions.OptionalInteger(
        "--workers", "Parallel workers [default: one a processor]", 1, DlossConfiguration.WorkerLimit);

    private readonly IntegerOption _shardBytes = CliOptions.Integer(
        "--shard-bytes", "Stored bytes that a worker gets at a time, rounded up to whole pages; no number depends on it", PlanOptions.DefaultShardBytes, 1, long.MaxValue);

    private readonly ChoiceOption _format = CliOptions.Choice(
        "--format", "The result on stdout", "table", "json");

    private readonly Option<string> _output = CliOptions.Text("--output", "FILE.json", "Also write the result's JSON to this file");

    private readonly Option<string> _report = CliOptions.Text("--report", "FILE.html", "Also write the result as a page to look at: one file that needs nothing else");

    private readonly Option<string> _losses = CliOptions.Text(
        "--losses", "OUT.parquet", "Also write the loss, prediction, probability and status of every row (position of a sequence, binary element), in input order");

    private readonly Option<string> _runDirectory = CliOptions.Text(
        "--run-dir", "DIR", "Keep finished shards in this directory, so that a run that ends early can be continued (docs/operations.md)");

    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the run in --run-dir, if it holds one" };

    private readonly Option<bool> _sha256 = new("--sha256")
    {
        Description = "Also record the SHA-256 of every file, so that verify notices a change of any byte; reads the files once more",
    };

    private readonly Option<Threshold[]> _failAbove = ThresholdOption.Create(
        isCeiling: true, "Exit code 5 when this figure is above the value, as loss.mean=1.2; repeatable");

    private readonly Option<Threshold[]> _failBelow = ThresholdOption.Create(
        isCeiling: false, "Exit code 5 when this figure is below the value, as accuracy.top1=0.9; repeatable");

    private readonly ChoiceOption _logFormat = CliOptions.Choice(
        LogFormats.Option, "The log's format: lines for people or one JSON object a line", "text", "json");

    private readonly Option<string> _logFile = CliOptions.Text("--log-file", "FILE", "Append the log to this file, rather than to stderr");

    private readonly ChoiceOption _logLevel = CliOptions.OptionalChoice(
        "--log-level", "LEVEL", "What is logged: verbose, debug, information, warning, error, fatal [default: warning; in a file information; as JSON debug]", LogLevels.All);

    private readonly ChoiceOption _progress = CliOptions.Choice(
        "--progress",
        "A bar on a terminal and lines elsewhere, a bar always, or nothing",
        "auto",
        "always",
        "never");

    private readonly Option<string> _http = HttpOption.Create(HttpOption.ServePage);

    private readonly Option<bool> _httpStay = new(HttpOption.StayName) { Description = HttpOption.Stay };

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var options = new EvaluateCommand();
        options._input.AddTo(command);
        options._loss.AddTo(command);
        options._statistics.AddTo(command);
        foreach (Option option in (Option[])
            [
                options._ignoreIndex, options._topK, options._onInvalid, options._hardest, options._workers, options._shardBytes, options._format,
                options._output, options._report, options._losses, options._runDirectory, options._resume, options._sha256, options._failAbove, options._failBelow, options._logFormat, options._logFile, options._logLevel, options._progress, options._http, options._httpStay,
            ])
        {
            command.Add(option);
        }

        options._engine.AddTo(command);
        command.SetAction(parse => new EvaluationRun(console, options.Read(parse)).Run(cancel));
    }

    private RunSettings Read(ParseResult parse)
    {
        var (paths, input) = _input.Read(parse);
        return new RunSettings
        {
            Paths = paths,
            Options = _statistics.Apply(parse, _loss.Apply(parse, input)) with
            {
                IgnoreIndex = _ignoreIndex.Value(parse),
                // The parser's own default of an array is an empty one.
                TopK = parse.GetResult(_topK) is null ? null : parse.GetValue(_topK),
                OnInvalid = (InvalidRowPolicy)_onInvalid.Index(parse),
                Hardest = (int)_hardest.Value(parse),
            },
            Engine = _engine.Read(parse),
            Workers = (int?)_workers.OptionalValue(parse),
            ShardBytes = _shardBytes.Value(parse),
            Format = (ResultFormat)_format.Index(parse),
            Output = parse.GetValue(_output),
            Report = parse.GetValue(_report),
            Losses = parse.GetValue(_losses),
            RunDirectory = parse.GetValue(_runDirectory),
            Resume = parse.GetValue(_resume),
            Sha256 = parse.GetValue(_sha256),
            Thresholds = [.. parse.GetValue(_failAbove) ?? [], .. parse.GetValue(_failBelow) ?? []],
            Log = new LogSettings((LogFormat)_logFormat.Index(parse), parse.GetValue(_logFile), (LogEventLevel?)_logLevel.OptionalIndex(parse)),
            Progress = (ProgressMode)_progress.Index(parse),
            Http = parse.GetValue(_http),
            HttpStay = parse.GetValue(_httpStay),
        };
    }

    private static int[]? ParseTopK(ArgumentResult result)
    {
        if (result.Tokens.Count > 1)
        {
            result.AddError($"--top-k is given {result.Tokens.Count} times; give one list, such as 1,5");
            return null;
        }

        string text = result.Tokens[0].Value;
        var ks = new SortedSet<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int k) || k < 1)
            {
                result.AddError($"--top-k {text}: not a list of whole numbers of at least 1, such as 1,5");
                return null;
            }

            ks.Add(k);
        }

        return [.. ks];
    }
}
