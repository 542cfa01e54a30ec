using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>From totals to figures: the only place where an exact sum is rounded.</summary>
internal static class ComparisonBuilder
{
    private static readonly (string Name, double Q)[] Quantiles =
        [("p1", 0.01), ("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99)];

    /// <param name="keys">The slices' keys, by their numbers.</param>
    /// <param name="noDivergence">Why there is none; null where there is one.</param>
    public static ComparisonResult Build(
        ComparedSide a,
        ComparedSide b,
        ComparisonOptions options,
        ComparisonTotals totals,
        IReadOnlyList<SliceKey> keys,
        string? noDivergence,
        DateTimeOffset started,
        TimeSpan elapsed)
    {
        var rows = totals.Rows;
        int? classes = a.Classes ?? b.Classes ?? (totals.Classes.Classes > 0 ? totals.Classes.Classes : null);
        var differences = totals.All.Losses.Differences;
        return new ComparisonResult
        {
            Digest = totals.Digest(keys),
            Classes = classes,
            IsBinary = a.IsBinary,
            DenominatorUnit = a.IsWeighted ? LossFigures.WeightUnit : a.IsBinary ? "elements" : a.IsSequence ? "positions" : "rows",
            A = Files(a),
            B = Files(b),
            Rows = new PairCounts(rows.Total, rows.Compared, rows.Ignored, rows.Invalid, rows.OnlyA, rows.OnlyB),
            Figures = Figures(totals.All),
            Tests = Tests(totals, a.IsWeighted),
            Divergence = new DivergenceFigures(totals.Divergence?.Mean, totals.Divergence?.InfiniteCount ?? 0, noDivergence),
            Quantiles = [.. Quantiles.Select(q => new QuantileFigure(q.Name, totals.Histogram.Quantile(q.Q, differences)))],
            Histogram = totals.Histogram.ToBars(),
            PerClass = PerClass(totals.Classes, classes ?? 0, a.ClassNames ?? b.ClassNames),
            Slices = [.. totals.Sorted(keys).Select(s => new PairedSlice([.. options.SliceBy[s.Key.Set].Zip(s.Key.Values)], Figures(s.Slice)))],
            Worse = totals.Worse.Sorted(),
            Better = totals.Better.Sorted(),
            Options = options,
            Timing = new ComparisonTiming(started, elapsed.TotalSeconds),
            Environment = new ComparisonEnvironment(ProgramVersion.Current, options.Workers, RowKernel.Default.Name),
        };
    }

    private static ComparedFiles Files(ComparedSide side) => new(side.HoldsLosses ? "losses" : "dump", side.Files, (side as DumpSide)?.Plan.Options);

    private static PairedFigures Figures(PairedGroup group)
    {
        var losses = group.Losses;
        var differences = losses.Differences;
        return new PairedFigures
        {
            Pairs = group.Pairs,
            LossA = losses.MeanA,
            LossB = losses.MeanB,
            Denominator = losses.Denominator,
            Difference = new DifferenceFigures(
                losses.MeanDifference, losses.StandardError, losses.Interval95, differences.Min, differences.Max, losses.Better, losses.Worse, losses.Ties, losses.Undefined),
            AccuracyA = Share(group.BothRight + group.OnlyARight, group.Pairs),
            AccuracyB = Share(group.BothRight + group.OnlyBRight, group.Pairs),
            BothRight = group.BothRight,
            OnlyARight = group.OnlyARight,
            OnlyBRight = group.OnlyBRight,
            Agreement = Share(group.Agreeing, group.Pairs),
        };
    }

    private static TestFigures Tests(ComparisonTotals totals, bool isWeighted)
    {
        var losses = totals.All.Losses;
        string? noT = isWeighted ? "rows count with weights"
            : losses.Count < 2 ? "there are fewer than two pairs"
            : losses.StandardError is not { } error || double.IsNaN(error) ? "a difference is not finite"
            : error == 0 && losses.MeanDifference == 0 ? "all losses are equal"
            : null;
        double? t = noT is null ? losses.MeanDifference / losses.StandardError : null;
        long? degrees = noT is null ? losses.Count - 1 : null;
        double? permutation = totals.Flips.TwoSided;
        return new TestFigures(
            t,
            degrees,
            t is { } value ? StudentT.TwoSided(value, degrees!.Value) : null,
            noT,
            losses.Count == 0 ? null : FairCoin.TwoSided(losses.Better, losses.Worse),
            losses.Count == 0 ? null : permutation,
            losses.Count == 0 ? "there is no pair"
                : permutation is not null ? null
                : totals.Flips.Count > SignFlips.MostDifferences ? $"more than {SignFlips.MostDifferences} pairs differ: too many to flip every sign"
                : "a difference is not finite",
            totals.All.Pairs == 0 ? null : FairCoin.TwoSided(totals.All.OnlyARight, totals.All.OnlyBRight));
    }

    private static PairedClassFigures[] PerClass(PairedClassLosses classes, int count, IReadOnlyList<string>? names)
    {
        var figures = new PairedClassFigures[count];
        for (int c = 0; c < count; c++)
        {
            figures[c] = new PairedClassFigures(c, c < names?.Count ? names[c] : null, classes[c]);
        }

        return figures;
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;
}
