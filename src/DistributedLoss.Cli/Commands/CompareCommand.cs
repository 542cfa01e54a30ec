using System.CommandLine;
using System.CommandLine.Parsing;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Comparison;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Output;
using DistributedLoss.Comparison;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss compare A B</c></summary>
internal sealed class CompareCommand
{
    public const string Name = "compare";

    public const string Description = "Compares two runs over the same rows: the paired difference of their mean losses, with tests, classes, slices and the rows that moved most.";

    /// <summary>Rows that may be listed in each direction.</summary>
    private const int MovedLimit = 100_000;

    private readonly Argument<string> _a = CreateSide("A", "The baseline: a dump (a file, a directory, a glob in quotes), a file of evaluate --losses, or the JSON of evaluate --output");
    private readonly Argument<string> _b = CreateSide("B", "What is compared with it; likewise");
    private readonly InputOptions _input = new();
    private readonly LossOptions _loss = new();
    private readonly StatisticOptions _statistics = new();
    private readonly Option<string> _logitsOfB = CliOptions.Text("--b-logits", "COLUMN", "Column of B's logits, where it is another than A's");
    private readonly Option<string> _key = CliOptions.Text("--key", "COLUMN", "Pair rows by this column's value, in whatever order they are, rather than by their place");

    private readonly IntegerOption _ignoreIndex = CliOptions.Integer(
        "--ignore-index", "Rows with this label are ignored", EvaluationOptions.DefaultIgnoreIndex, long.MinValue, long.MaxValue);

    private readonly ChoiceOption _onInvalid = CliOptions.Choice(
        "--on-invalid", "Rows that have no loss, or have one on one side only: end the run, or count them and go on", "fail", "skip");

    private readonly IntegerOption _moved = CliOptions.Integer("--moved", "How many rows to list whose loss rose most, and whose loss fell most", 10, 0, MovedLimit);

    private readonly IntegerOption _workers = CliOptions.OptionalInteger(
        "--workers", "Parallel workers, on this machine [default: one a processor]", 1, DlossConfiguration.WorkerLimit);

    private readonly IntegerOption _shardBytes = CliOptions.Integer(
        "--shard-bytes", "Stored bytes that a worker gets at a time, rounded up to whole pages; no number depends on it", PlanOptions.DefaultShardBytes, 1, long.MaxValue);

    private readonly ChoiceOption _format = CliOptions.Choice("--format", "The comparison on stdout", "table", "json");
    private readonly Option<string> _output = CliOptions.Text("--output", "FILE.json", "Also write the comparison's JSON to this file");

    private readonly Option<string> _report = CliOptions.Text("--report", "FILE.html", "Also write the comparison as a page to look at: one file that needs nothing else");

    private readonly Option<Threshold[]> _failAbove = ThresholdOption.Create(
        isCeiling: true, "Exit code 5 when this figure is above the value, as difference.mean=0.01; repeatable");

    private readonly Option<Threshold[]> _failBelow = ThresholdOption.Create(
        isCeiling: false, "Exit code 5 when this figure is below the value, as accuracy.agreement=0.99; repeatable");

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var options = new CompareCommand();
        command.Add(options._a);
        command.Add(options._b);
        options._input.AddColumnsTo(command);
        command.Add(options._logitsOfB);
        command.Add(options._key);
        options._loss.AddTo(command);
        command.Add(options._ignoreIndex);
        options._statistics.AddSlicesTo(command);
        foreach (Option option in (Option[])[options._onInvalid, options._moved, options._workers, options._shardBytes, options._format, options._output, options._report, options._failAbove, options._failBelow])
        {
            command.Add(option);
        }

        command.SetAction(parse => new ComparisonRun(console, options.Read(parse, console)).Run(cancel));
    }

    private static Argument<string> CreateSide(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(UsageErrors.RefuseOptions);
        return argument;
    }

    private ComparisonSettings Read(ParseResult parse, CliConsole console)
    {
        var onInvalid = (InvalidRowPolicy)_onInvalid.Index(parse);
        Option[] ofDumps = [.. _input.Options, .. _loss.Options, _ignoreIndex];
        return new ComparisonSettings
        {
            A = parse.GetValue(_a)!,
            B = parse.GetValue(_b)!,
            Rows = _loss.Apply(parse, _input.ReadColumns(parse)) with { IgnoreIndex = _ignoreIndex.Value(parse), OnInvalid = onInvalid },
            GivenForDumps = Array.Find(ofDumps, o => parse.GetResult(o) is { Implicit: false })?.Name,
            LogitsOfB = parse.GetValue(_logitsOfB),
            Options = new ComparisonOptions
            {
                Key = parse.GetValue(_key),
                SliceBy = _statistics.SliceBy(parse),
                MaxSlices = _statistics.MaxSlices(parse),
                Moved = (int)_moved.Value(parse),
                OnInvalid = onInvalid,
                Workers = (int?)_workers.OptionalValue(parse) ?? DlossConfiguration.Load(console).Workers ?? Environment.ProcessorCount,
                ShardBytes = _shardBytes.Value(parse),
            },
            Format = (ResultFormat)_format.Index(parse),
            Output = parse.GetValue(_output),
            Report = parse.GetValue(_report),
            Thresholds = [.. parse.GetValue(_failAbove) ?? [], .. parse.GetValue(_failBelow) ?? []],
        };
    }
}
