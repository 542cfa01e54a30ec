using System.CommandLine;
using System.CommandLine.Parsing;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Cli.Commands;

/// <summary>What is computed besides the loss, and for which parts of the rows.</summary>
internal sealed class StatisticOptions
{
    private const int SliceLimit = 1_000_000;

    private static readonly string Known = string.Join(", ", StatisticNames.All);

    private readonly Option<string> _statistics = new("--statistics")
    {
        Description = $"What to compute besides loss, accuracies and per-class figures: {Known}; or default, all, none [default: {string.Join(',', StatisticNames.Of(StatisticKinds.Default))}]",
        HelpName = "LIST",
    };

    private readonly Option<IReadOnlyList<string>[]> _sliceBy = new("--slice-by")
    {
        Description = "Every figure also for each value of this column, or for each combination of several; repeatable",
        HelpName = "COLUMN,...",
        CustomParser = ParseSlices,
    };

    private readonly IntegerOption _maxSlices = CliOptions.Integer(
        "--max-slices", "Slices that there may be", EvaluationOptions.DefaultMaxSlices, 1, SliceLimit);

    private readonly Option<string> _groupBy = CliOptions.Text("--group-by", "COLUMN", "Also the mean of the groups' mean losses, a group being the rows of one value");
    private readonly Option<string> _bytes = CliOptions.Text("--bytes", "COLUMN", "Column of the bytes that a row stands for: also the loss in bits per byte");

    public void AddTo(Command command)
    {
        _statistics.Check(text =>
            ReadStatistics(text, out string? unknown) is null ? $"--statistics {unknown}: give a list of {Known}; or default, all, none" : null);
        command.Add(_statistics);
        AddSlicesTo(command);
        command.Add(_groupBy);
        command.Add(_bytes);
    }

    /// <summary>The slices alone.</summary>
    public void AddSlicesTo(Command command)
    {
        command.Add(_sliceBy);
        command.Add(_maxSlices);
    }

    public IReadOnlyList<IReadOnlyList<string>> SliceBy(ParseResult parse) => parse.GetValue(_sliceBy) ?? [];

    public int MaxSlices(ParseResult parse) => (int)_maxSlices.Value(parse);

    public EvaluationOptions Apply(ParseResult parse, EvaluationOptions options) => options with
    {
        Statistics = parse.GetValue(_statistics) is { } text ? ReadStatistics(text, out _)!.Value : StatisticKinds.Default,
        SliceBy = SliceBy(parse),
        MaxSlices = MaxSlices(parse),
        GroupByColumn = parse.GetValue(_groupBy),
        BytesColumn = parse.GetValue(_bytes),
    };

    /// <summary>Null for a name that is none, which <paramref name="unknown"/> gives.</summary>
    private static StatisticKinds? ReadStatistics(string text, out string? unknown)
    {
        unknown = null;
        var kinds = StatisticKinds.None;
        foreach (string name in text.Split(','))
        {
            var kind = name switch
            {
                "default" => StatisticKinds.Default,
                "all" => StatisticKinds.All,
                "none" => StatisticKinds.None,
                _ => StatisticNames.Kind(name),
            };
            if (kind == StatisticKinds.None && name != "none")
            {
                unknown = name;
                return null;
            }

            kinds |= kind;
        }

        return kinds;
    }

    private static IReadOnlyList<string>[] ParseSlices(ArgumentResult result)
    {
        var sets = new List<IReadOnlyList<string>>();
        foreach (var token in result.Tokens)
        {
            string[] columns = token.Value.Split(',');
            if (columns.Any(string.IsNullOrWhiteSpace) || columns.Distinct().Count() < columns.Length)
            {
                result.AddError($"--slice-by {token.Value}: give the name of a column, or of several different ones with commas between them");
                return [];
            }

            sets.Add(columns);
        }

        return [.. sets];
    }
}
