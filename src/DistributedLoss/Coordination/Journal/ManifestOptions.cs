using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Coordination.Journal;

/// <summary>The options that can change a number, by their names on the command line.</summary>
internal static class ManifestOptions
{
    /// <summary>
    /// Each as JSON. --max-slices is not among them: a run that failed for it may go on with a higher one, and no number depends on it.
    /// </summary>
    public static IReadOnlyList<(string Name, string Json)> Of(EvaluationOptions options) =>
    [
        Option("--logits", options.LogitsColumn),
        Option("--logits-prefix", options.LogitsPrefix),
        Option("--packed", options.Packed?.ToString()),
        Option("--label", options.LabelColumn),
        Option("--classes", options.ClassNames),
        Option("--ignore-index", options.IgnoreIndex),
        Option("--input", LossInputs.Name(options.Loss.Input)),
        Option("--temperature", options.Loss.Temperature),
        Option("--label-smoothing", options.Loss.LabelSmoothing),
        Option("--sum-tolerance", options.Loss.SumTolerance),
        Option("--class-weights", options.ClassWeights),
        Option("--pos-weight", options.PositiveWeights),
        Option("--sample-weight", options.SampleWeightColumn),
        Option("--num-classes", options.NumClasses),
        Option("--top-k", options.TopK),
        Option("--on-invalid", options.OnInvalid.ToString()),
        Option("--hardest", options.Hardest),
        Option("--statistics", StatisticNames.Of(options.Statistics)),
        Option("--slice-by", options.SliceBy),
        Option("--group-by", options.GroupByColumn),
        Option("--bytes", options.BytesColumn),
    ];

    private static (string Name, string Json) Option<T>(string name, T value) => (name, JsonSerializer.Serialize(value));
}
