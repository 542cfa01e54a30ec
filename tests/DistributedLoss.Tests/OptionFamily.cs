using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests;

/// <summary>Runs of every family of options, each over a <see cref="MixedDump"/> that fits it.</summary>
internal sealed record OptionFamily(string Name, EvaluationOptions Options, bool IsSequence)
{
    private static readonly double[] ClassWeights = [0.5, 1, 0, 2, 0.3, 1.7, 1];

    private static readonly EvaluationOptions Base = new() { NumClasses = MixedDump.Classes, TopK = [1, 2, 5], Statistics = StatisticKinds.All };

    private static readonly EvaluationOptions Weighted = Base with { ClassWeights = ClassWeights, SampleWeightColumn = "weight" };

    private static readonly EvaluationOptions Soft = Base with { LabelColumn = "target" };

    private static readonly EvaluationOptions Binary = Base with { LabelColumn = "multi", TopK = null, Loss = new() { Input = LossInput.BinaryLogits } };

    private static readonly EvaluationOptions Sliced = Base with { SliceBy = [["kind"], ["flag"], ["ratio", "size"], ["kind", "flag", "size"]], GroupByColumn = "size", BytesColumn = "bytes" };

    private static readonly LossFunction Smooth = new() { LabelSmoothing = 0.1, Temperature = 1.5 };

    private static readonly LossFunction LogProbs = new() { Input = LossInput.LogProbs };

    private static readonly LossFunction Probs = new() { Input = LossInput.Probs };

    private static readonly double[] Temperatures = [0.5, 1, 3];

    public static IReadOnlyList<OptionFamily> All { get; } =
    [
        new("plain", Base with { Statistics = StatisticKinds.None }, false),
        new("all statistics", Base with { Hardest = 25 }, false),
        new("class weights, smoothing, temperature", Base with { ClassWeights = ClassWeights, Loss = Smooth }, false),
        new("sample weights", Base with { SampleWeightColumn = "weight" }, false),
        new("log-probs with weights", Weighted with { Loss = LogProbs }, false),
        new("probs", Base with { Loss = Probs }, false),
        new("slices, groups and bytes", Sliced, false),
        new("groups with nulls", Base with { GroupByColumn = "kind" }, false),
        new("weighted slices and groups", Sliced with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", Loss = Smooth, GroupByColumn = "ratio" }, false),
        new("class names", Base with { LabelColumn = "name", ClassNames = [.. Enumerable.Range(0, MixedDump.Classes).Select(c => $"class {c}")], OnInvalid = InvalidRowPolicy.Skip, SliceBy = [["name"]] }, false),
        new("invalid rows", Sliced with { SampleWeightColumn = "weight", OnInvalid = InvalidRowPolicy.Skip }, false),
        new("invalid probs", Sliced with { Loss = Probs, OnInvalid = InvalidRowPolicy.Skip }, false),
        new("soft targets", Soft, false),
        new("soft targets, weighted", Soft with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", Loss = Smooth, SliceBy = Sliced.SliceBy, GroupByColumn = "kind", BytesColumn = "bytes" }, false),
        new("soft targets of probs, invalid rows", Soft with { Loss = Probs, SampleWeightColumn = "weight", SliceBy = Sliced.SliceBy, OnInvalid = InvalidRowPolicy.Skip }, false),
        new("binary", Binary, false),
        new("binary with every weight", Binary with { ClassWeights = ClassWeights, PositiveWeights = [.. ClassWeights.Reverse()], SampleWeightColumn = "weight", SliceBy = Sliced.SliceBy, GroupByColumn = "kind", BytesColumn = "bytes" }, false),
        new("binary, invalid rows", Binary with { SampleWeightColumn = "weight", SliceBy = Sliced.SliceBy, OnInvalid = InvalidRowPolicy.Skip }, false),
        new("binary probs, invalid rows", Binary with { Loss = new() { Input = LossInput.BinaryProbs }, SliceBy = Sliced.SliceBy, OnInvalid = InvalidRowPolicy.Skip }, false),
        new("slopes", Base with { Statistics = StatisticKinds.None, SlopeTemperatures = Temperatures }, false),
        new("weighted slopes of slices, invalid rows", Sliced with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", Loss = new() { LabelSmoothing = 0.1 }, OnInvalid = InvalidRowPolicy.Skip, SlopeTemperatures = Temperatures }, false),
        new("slopes of soft targets", Soft with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", SlopeTemperatures = Temperatures }, false),
        new("slopes of binary elements", Binary with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", SlopeTemperatures = Temperatures }, false),
        new("slopes of sequences", Sliced with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", Loss = new() { LabelSmoothing = 0.1 }, SlopeTemperatures = Temperatures }, true),
        new("sequences", Base, true),
        new("sequences of log-probs", Base with { Loss = LogProbs, Statistics = StatisticKinds.None }, true),
        new("sequences, weighted and sliced", Sliced with { ClassWeights = ClassWeights, SampleWeightColumn = "weight", Loss = Smooth }, true),
        new("sequences, invalid", Sliced with { OnInvalid = InvalidRowPolicy.Skip, SampleWeightColumn = "weight" }, true),
    ];

    public static OptionFamily Of(string name) => All.Single(f => f.Name == name);

    public MixedDump Dump() => new(Options, IsSequence);

    /// <summary>The result as JSON, up to what does not depend on data and options alone.</summary>
    public static string Json(EvaluationResult result)
    {
        using var stream = new MemoryStream();
        ResultJson.Write(stream, result);
        string json = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        int end = json.IndexOf("\n  \"shards\": {", StringComparison.Ordinal);
        Assert.True(end > 0 && json.LastIndexOf("\n  \"", StringComparison.Ordinal) > end, "the result's members have another order");
        return json[..end];
    }

    public static EvaluationResult Build(RunPlan plan, Totals totals) =>
        ResultBuilder.Build(plan, totals, new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
}
