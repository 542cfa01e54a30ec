using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Cli.Commands;

/// <summary>Paths, and where in the files logits and labels are: what <c>evaluate</c> and <c>inspect</c> share.</summary>
internal sealed class InputOptions
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Parquet files, directories (searched for *.parquet), globs, https:// URLs, s3://bucket/key, s3://bucket/folder/ and globs of keys: together one dataset",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _logits = CliOptions.Text("--logits", "COLUMN", "Column of a row's logits: a list, or packed bytes", "logits");
    private readonly Option<string> _prefix = CliOptions.Text("--logits-prefix", "PREFIX", "Flat columns PREFIX0, PREFIX1, ... instead, one a class");
    private readonly Option<string> _label = CliOptions.Text("--label", "COLUMN", "Column of the class index, or of its name with --classes", "label");
    private readonly Option<string> _classNames = CliOptions.Text("--classes", "FILE", "The classes' names in the order of the logits: a JSON array, or one a line");

    private readonly ChoiceOption _packed = CliOptions.OptionalChoice(
        "--packed", "TYPE", "What a binary logits column holds, little-endian: float32, float16, bfloat16 or float64", "float32", "float16", "bfloat16", "float64");

    private readonly IntegerOption _classes =
        CliOptions.OptionalInteger("--num-classes", "C, rather than the length of the first row", 1, int.MaxValue, "C");

    // As --packed names them.
    private static FloatFormat[] Formats => [FloatFormat.Float32, FloatFormat.Float16, FloatFormat.BFloat16, FloatFormat.Float64];

    public void AddTo(Command command)
    {
        _paths.Validators.Add(UsageErrors.RefuseOptions);
        command.Add(_paths);
        AddColumnsTo(command);
    }

    /// <summary>Where logits and labels are alone, for a command whose paths are others.</summary>
    public void AddColumnsTo(Command command)
    {
        foreach (var option in Options)
        {
            command.Add(option);
        }
    }

    public IReadOnlyList<Option> Options => [_logits, _prefix, _label, _classNames, _packed, _classes];

    /// <exception cref="CliException">Options that exclude each other.</exception>
    public (string[] Paths, EvaluationOptions Options) Read(ParseResult parse) => (parse.GetValue(_paths)!, ReadColumns(parse));

    /// <exception cref="CliException">Options that exclude each other.</exception>
    public EvaluationOptions ReadColumns(ParseResult parse)
    {
        string? prefix = parse.GetValue(_prefix);
        if (prefix is not null && parse.GetResult(_logits) is { Implicit: false })
        {
            throw CliException.Usage("--logits and --logits-prefix exclude each other: logits are in one column or in one column a class; give one of the two");
        }

        FloatFormat? packed = _packed.OptionalIndex(parse) is { } format ? Formats[format] : null;
        if (prefix is not null && packed is not null)
        {
            throw CliException.Usage("--packed is for one binary column: leave it out with --logits-prefix");
        }

        return new EvaluationOptions
        {
            LogitsColumn = parse.GetValue(_logits)!,
            LogitsPrefix = prefix,
            LabelColumn = parse.GetValue(_label)!,
            ClassNames = parse.GetValue(_classNames) is { } file ? ClassNamesFile.Read(file) : null,
            Packed = packed,
            NumClasses = (int?)_classes.OptionalValue(parse),
        };
    }
}
