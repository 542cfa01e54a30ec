namespace DistributedLoss.Comparison;

/// <summary>The single figures of a comparison by their dotted place in its JSON, as in <c>difference.mean</c>: what thresholds name.</summary>
public static class ComparisonMetrics
{
    private static readonly Dictionary<string, Func<ComparisonResult, double?>> Figures = new()
    {
        ["rows.total"] = r => r.Rows.Total,
        ["rows.compared"] = r => r.Rows.Compared,
        ["rows.ignored"] = r => r.Rows.Ignored,
        ["rows.invalid"] = r => r.Rows.Invalid,
        ["rows.onlyA"] = r => r.Rows.OnlyA,
        ["rows.onlyB"] = r => r.Rows.OnlyB,
        ["loss.a"] = r => r.Figures.LossA,
        ["loss.b"] = r => r.Figures.LossB,
        ["loss.denominator"] = r => r.Figures.Denominator,
        ["difference.mean"] = r => r.Figures.Difference.Mean,
        ["difference.standardError"] = r => r.Figures.Difference.StandardError,
        ["difference.ci95.low"] = r => r.Figures.Difference.Ci95?.Low,
        ["difference.ci95.high"] = r => r.Figures.Difference.Ci95?.High,
        ["difference.min"] = r => r.Figures.Difference.Min,
        ["difference.max"] = r => r.Figures.Difference.Max,
        ["difference.better"] = r => r.Figures.Difference.Better,
        ["difference.worse"] = r => r.Figures.Difference.Worse,
        ["difference.ties"] = r => r.Figures.Difference.Ties,
        ["difference.undefined"] = r => r.Figures.Difference.Undefined,
        ["accuracy.a"] = r => r.Figures.AccuracyA,
        ["accuracy.b"] = r => r.Figures.AccuracyB,
        ["accuracy.bothRight"] = r => r.Figures.BothRight,
        ["accuracy.onlyARight"] = r => r.Figures.OnlyARight,
        ["accuracy.onlyBRight"] = r => r.Figures.OnlyBRight,
        ["accuracy.agreement"] = r => r.Figures.Agreement,
        ["tests.t"] = r => r.Tests.T,
        ["tests.degreesOfFreedom"] = r => r.Tests.Degrees,
        ["tests.pairedT"] = r => r.Tests.PairedT,
        ["tests.sign"] = r => r.Tests.Sign,
        ["tests.permutation"] = r => r.Tests.Permutation,
        ["tests.mcNemar"] = r => r.Tests.McNemar,
        ["klDivergence.mean"] = r => r.Divergence.Mean,
        ["klDivergence.infinite"] = r => r.Divergence.Infinite,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> Names => Figures.Keys;

    /// <exception cref="ArgumentException">There is no such figure.</exception>
    public static double? Get(ComparisonResult result, string metric) =>
        Figures.TryGetValue(metric, out var figure) ? figure(result) : throw new ArgumentException($"a comparison has no number {metric}", nameof(metric));
}
