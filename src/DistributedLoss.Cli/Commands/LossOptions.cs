using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Cli.Commands;

/// <summary>What a row's loss is, and how much it counts.</summary>
internal sealed class LossOptions
{
    private readonly ChoiceOption _input = CliOptions.Choice(
        "--input",
        "What the columns hold: raw logits; log-probabilities or probabilities, which are taken as they are and must sum to 1; or independent logits or probabilities, each with a target of its own",
        LossInputs.Names);

    private readonly NumberOption _sumTolerance = CliOptions.Number(
        "--sum-tolerance", "E", "How far a row's probabilities may sum from 1", LossFunction.DefaultSumTolerance, x => x is >= 0 and < 1, "of at least 0 and below 1");

    private readonly Option<string> _classWeights = CliOptions.Text(
        "--class-weights", "FILE", "A JSON array of one weight a class: rows count with their label's");

    private readonly Option<string> _positiveWeights = CliOptions.Text(
        "--pos-weight", "FILE", "For binary-logits, a JSON array of one weight a class: the loss of positive targets counts with it");

    private readonly Option<string> _sampleWeight = CliOptions.Text("--sample-weight", "COLUMN", "Column of the weights that rows count with");

    private readonly NumberOption _labelSmoothing = CliOptions.Number(
        "--label-smoothing", "E", "Share of the target spread evenly over all classes", 0, x => x is >= 0 and <= 1, "from 0 to 1");

    private readonly NumberOption _temperature = CliOptions.Number(
        "--temperature", "T", "Divide all logits by it", 1, x => x > 0 && double.IsFinite(x), "above 0 and finite");

    public IReadOnlyList<Option> Options => [_input, _sumTolerance, _classWeights, _positiveWeights, _sampleWeight, _labelSmoothing, _temperature];

    public void AddTo(Command command)
    {
        foreach (var option in Options)
        {
            command.Add(option);
        }
    }

    /// <exception cref="CliException">Options that exclude each other, or a file of weights that cannot be used.</exception>
    public EvaluationOptions Apply(ParseResult parse, EvaluationOptions options)
    {
        var input = (LossInput)_input.Index(parse);
        if (input == LossInput.Logits && parse.GetResult(_sumTolerance) is { Implicit: false })
        {
            throw CliException.Usage("--sum-tolerance is for --input log-probs and probs: logits need not sum to anything; leave it out");
        }

        return options with
        {
            Loss = new LossFunction
            {
                Input = input,
                SumTolerance = _sumTolerance.Value(parse),
                LabelSmoothing = _labelSmoothing.Value(parse),
                Temperature = _temperature.Value(parse),
            },
            ClassWeights = parse.GetValue(_classWeights) is { } file ? ClassWeightsFile.Read("--class-weights", file) : null,
            PositiveWeights = parse.GetValue(_positiveWeights) is { } positives ? ClassWeightsFile.Read("--pos-weight", positives) : null,
            SampleWeightColumn = parse.GetValue(_sampleWeight),
        };
    }
}
