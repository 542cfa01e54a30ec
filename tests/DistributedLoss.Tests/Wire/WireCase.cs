using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Wire;

/// <summary>Totals of every shape that a run can have.</summary>
internal static class WireCase
{
    public static string[] All { get; } = ["index", "unweighted", "smoothed", "bare", "soft", "sequence", "binary", "binary unweighted", "unsliced", "slopes", "binary slopes"];

    public static TheoryData<string> Names => [.. All];

    /// <summary>Always the same dump and options for a name.</summary>
    public static RunPlan Plan(DumpFolder folder, string name)
    {
        var (targets, seed) = name switch
        {
            "index" or "slopes" => ("index", 1),
            "unweighted" or "bare" => ("index", 2),
            "smoothed" or "unsliced" => ("index", 3),
            "soft" => ("soft", 5),
            "sequence" => ("sequence", 6),
            "binary" or "binary slopes" => ("binary", 7),
            "binary unweighted" => ("binary", 8),
            _ => throw new ArgumentException($"no case {name}", nameof(name)),
        };
        var plan = VariedDump.Plan(folder, targets, seed, new Random(seed));
        var options = name switch
        {
            "smoothed" => plan.Options with { Loss = plan.Options.Loss with { LabelSmoothing = 0.1 } },
            "bare" => plan.Options with { Statistics = StatisticKinds.None, SliceBy = [], GroupByColumn = null, BytesColumn = null, Hardest = 0 },
            "slopes" or "binary slopes" => plan.Options with { SlopeTemperatures = [0.5, 1, 4] },
            "unsliced" => plan.Options with { SliceBy = [] },
            _ => plan.Options,
        };
        return RunPlan.Create([folder.Path], options, new PlanOptions { ShardBytes = 1 }) with { TileRows = 3 };
    }
}
