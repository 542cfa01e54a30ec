using DistributedLoss.Comparison;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Comparison;

/// <summary>What a comparison says of two dumps is what mpmath and SciPy say of their logits, whether rows are paired by place or by key.</summary>
public sealed class ComparisonGoldenTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static IEnumerable<object[]> Cases() => Enumerable.Range(0, GoldenCase.All.Count).SelectMany(c => new object[][] { [c, false], [c, true] });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Figures_are_SciPys_and_divergences_mpmaths(int number, bool byKey)
    {
        var golden = GoldenCase.All[number];
        var result = Compare(golden, byKey);
        Near(golden.Total, result.Figures);
        Assert.Equal((golden.Better, golden.Worse), (result.Figures.Difference.Better, result.Figures.Difference.Worse));
        Assert.Equal((golden.OnlyARight, golden.OnlyBRight, golden.Agreement), (result.Figures.OnlyARight, result.Figures.OnlyBRight, result.Figures.Agreement));
        Near(golden.T, result.Tests.T, Rounding(golden.Total) / golden.Total.StandardError!.Value * 10);
        Near(golden.PairedT, result.Tests.PairedT, Rounding(golden.Total) / golden.Total.StandardError.Value * 10);
        Near(golden.Sign, result.Tests.Sign, 1e-12);
        Near(golden.McNemar, result.Tests.McNemar, 1e-12);
        Assert.Equal(golden.Better + golden.Worse <= SignFlips.MostDifferences, result.Tests.Permutation is not null);
        if (golden.Permutation is { } permutation)
        {
            Near(permutation, result.Tests.Permutation, 1e-15);
        }

        if (byKey)
        {
            Assert.Equal((null, "rows are paired by a key, so that logits are not side by side"), (result.Divergence.Mean, result.Divergence.Reason));
        }
        else
        {
            // Within the bound of docs/compare.md.
            Assert.InRange(result.Divergence.Mean!.Value, golden.Divergence - 2e-15 - (1e-14 * golden.Divergence), golden.Divergence + 2e-15 + (1e-14 * golden.Divergence));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Classes_slices_and_moved_rows_are_those_of_their_rows(int number, bool byKey)
    {
        var golden = GoldenCase.All[number];
        var result = Compare(golden, byKey);
        for (int c = 0; c < golden.PerClass.Length; c++)
        {
            var figures = result.PerClass[c].Figures;
            Assert.Equal(golden.PerClass[c]?.Pairs ?? 0, figures.Counts.Rows);
            if (golden.PerClass[c] is { } expected)
            {
                Near(expected, figures.MeanA, figures.MeanB, figures.MeanDifference, figures.StandardError);
            }
        }

        Assert.Equal(["kind 0", "kind 1", "kind 2"], result.Slices.Select(s => Assert.Single(s.Key).Value));
        for (int k = 0; k < golden.PerKind.Length; k++)
        {
            Near(golden.PerKind[k], result.Slices[k].Figures);
        }

        Assert.Equal(golden.Worst.Take((int)Math.Min(3, golden.Worse)), result.Worse.Take(3).Select(r => r.RowA));
        Assert.Equal(golden.Best.Take((int)Math.Min(3, golden.Better)), result.Better.Take(3).Select(r => r.RowA));
    }

    private ComparisonResult Compare(GoldenCase golden, bool byKey)
    {
        int[] order = [.. Enumerable.Range(0, golden.Labels.Length)];
        int[] other = byKey ? [.. order.OrderBy(i => i * 7 % 5).ThenByDescending(i => i)] : order;
        golden.Write(_folder["a.parquet"], golden.LogitsA, order, 9, 4);
        golden.Write(_folder["b.parquet"], golden.LogitsB, other, 7, 5);
        var options = new ComparisonOptions { Key = byKey ? "id" : null, SliceBy = [["kind"]], Workers = 2 };
        var a = DumpSide.Create([_folder["a.parquet"]], new EvaluationOptions(), options.SliceBy, new PlanOptions { ShardBytes = 200 }, CancellationToken.None);
        var b = DumpSide.Create([_folder["b.parquet"]], new EvaluationOptions(), [], new PlanOptions { ShardBytes = 300 }, CancellationToken.None);
        return Comparer.Compare(a, b, options);
    }

    private static void Near(GoldenFigures expected, PairedFigures actual)
    {
        Assert.Equal(expected.Pairs, actual.Pairs);
        var difference = actual.Difference;
        Near(expected, actual.LossA, actual.LossB, difference.Mean, difference.StandardError);
        double? half = LossMoments.NormalQuantile975 * difference.StandardError;
        Assert.Equal((difference.Mean - half, difference.Mean + half), (difference.Ci95?.Low, difference.Ci95?.High));
    }

    private static void Near(GoldenFigures expected, double? lossA, double? lossB, double? difference, double? standardError)
    {
        Near(expected.LossA, lossA, Rounding(expected));
        Near(expected.LossB, lossB, Rounding(expected));
        Near(expected.Difference!.Value, difference, Rounding(expected));
        Assert.Equal(expected.StandardError is null, standardError is null);
        Near(expected.StandardError ?? 0, standardError ?? 0, Rounding(expected));
    }

    // NumPy rounds losses before it subtracts them, and as it adds them up.
    private static double Rounding(GoldenFigures expected) => 1e-14 * Math.Max(1, expected.LossA);

    private static void Near(double expected, double? actual, double tolerance) =>
        Assert.True(Math.Abs(actual!.Value - expected) <= tolerance, $"{actual:R}, not {expected:R} within {tolerance}");
}
