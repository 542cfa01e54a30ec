using System.Globalization;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Results;

/// <summary>From totals to figures: the only place where an exact sum is rounded.</summary>
internal static class FigureBuilder
{
    private const int MostConfusedPairs = 100;

    private static readonly Quantile[] Quantiles =
        [new(0.01), new(0.05), new(0.1), new(0.25), new(0.5), new(0.75), new(0.9), new(0.95), new(0.99), new(0.999)];

    /// <param name="classNames">Null for none.</param>
    public static EvaluationFigures Build(Totals totals, IReadOnlyList<string>? classNames) => new()
    {
        Rows = new RowFigures(totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored, InvalidRows(totals.Rows)),
        Loss = Losses(totals),
        Groups = totals.Groups is { } groups ? Groups(totals.Shape.GroupBy!, groups) : null,
        Accuracy = TopK(totals.Ranks),
        Binary = totals.Binary is { } binary ? new BinaryFigures(binary.Micro, binary.Macro) : null,
        MeanReciprocalRank = totals.Statistics.ReciprocalRanks?.Mean,
        Calibration = totals.Statistics.Calibration is { } bins ? new CalibrationFigures(bins.ExpectedError, bins.MaximumError, bins.MeanConfidence, bins.ToArray()) : null,
        Brier = totals.Statistics.Brier?.Mean,
        Entropy = totals.Statistics.Entropy?.Mean,
        Divergence = totals.Statistics.Divergence?.Mean,
        Quantiles = totals.Statistics.Histogram is { } losses ? Distribution(losses, totals.Losses) : null,
        PerClass = Classes(totals, classNames),
        Confusion = totals.Statistics.Confusion is { } confusion ? Confusion(confusion) : null,
    };

    // Loops rather than queries: a query over numbers or structs is compiled as the process runs (docs/performance.md, Start-up).
    private static Dictionary<string, long> InvalidRows(RowCounts rows)
    {
        var invalid = new Dictionary<string, long>();
        foreach (var cause in InvalidCauses.All)
        {
            if (rows[cause] > 0)
            {
                invalid.Add(InvalidCauses.Name(cause), rows[cause]);
            }
        }

        return invalid;
    }

    private static TopKFigure[] TopK(RankCounts ranks)
    {
        var figures = new TopKFigure[ranks.Ks.Length];
        for (int i = 0; i < figures.Length; i++)
        {
            figures[i] = new TopKFigure(ranks.Ks[i], ranks.Accuracy(ranks.Ks[i]));
        }

        return figures;
    }

    private static ClassFigures[] Classes(Totals totals, IReadOnlyList<string>? names)
    {
        var classes = new ClassFigures[totals.Shape.Classes];
        for (int c = 0; c < classes.Length; c++)
        {
            classes[c] = Class(totals, c, c < names?.Count ? names[c] : null);
        }

        return classes;
    }

    private static LossFigures Losses(Totals totals)
    {
        var losses = totals.Losses;
        double? bytes = totals.Shape.CountsBytes ? (double)totals.Bytes : null;
        string unit = totals.Weighted is not null ? LossFigures.WeightUnit : totals.Shape.IsBinary ? "elements" : totals.Shape.IsSequence ? "positions" : "rows";
        if (losses.Mean is not { } mean)
        {
            return new LossFigures { DenominatorUnit = unit, Bytes = bytes };
        }

        var figures = new LossFigures
        {
            DenominatorUnit = unit,
            Bytes = bytes,
            BitsPerByte = bytes > 0 ? losses.Sum / Elementary.Log(2) / bytes : null,

            // Of the rows themselves: a weight says how much a row counts, not how much it loses.
            Min = losses.Min,
            Max = losses.Max,
            Infinite = losses.InfiniteCount,
        };
        if (totals.Weighted is { } weighted)
        {
            return figures with
            {
                Mean = weighted.Mean,
                Sum = weighted.Numerator,
                Denominator = weighted.Denominator,
                StandardError = weighted.StandardError,
                Ci95 = weighted.Interval95,
                Bits = weighted.Mean / Elementary.Log(2),
                Perplexity = weighted.Mean is { } m ? Elementary.Exp(m) : null,
                Undefined = weighted.UndefinedCount,
            };
        }

        return figures with
        {
            Mean = mean,
            Sum = losses.Sum,
            Denominator = losses.Count,
            StandardError = losses.StandardError,
            Ci95 = losses.Interval95,
            Bits = mean / Elementary.Log(2),
            Perplexity = Elementary.Exp(mean),
            Undefined = losses.NaNCount,
        };
    }

    private static GroupFigures Groups(string by, GroupMeans groups)
    {
        var means = groups.ToMoments();
        return new GroupFigures(by, means.Count, means.Mean, means.StandardError, means.Interval95);
    }

    private static DistributionFigures Distribution(LossHistogram histogram, LossMoments losses) => new(
        [.. Quantiles.Select(q => new QuantileFigure(q.Name, histogram.Quantile(q.Level, losses)))],
        histogram.ToBars());

    /// <summary>The quantile that a share of the rows is below.</summary>
    private sealed record Quantile(double Level)
    {
        public string Name { get; } = $"p{(Level * 100).ToString("0.#", CultureInfo.InvariantCulture)}";
    }

    private static ClassFigures Class(Totals totals, int c, string? name)
    {
        if (totals.Binary is { } binary)
        {
            return Element(totals, binary, c, name);
        }

        // Most of a language model's classes have no row in one dump, and rounding an exact sum costs a microsecond.
        var classes = totals.Classes;
        long count = classes.Count(c);
        double lossSum = count == 0 ? 0 : classes.LossSum(c).ToDouble();
        return new ClassFigures(
            c, count, lossSum, classes.MeanLoss(c), classes.Correct(c), classes.Predicted(c), classes.Recall(c), classes.Precision(c), classes.F1(c))
        {
            Name = name,
            MeanProbability = totals.Statistics.ClassProbabilities?.Mean(c),
            Bias = totals.Shape.IsSoft ? null : totals.Statistics.ClassProbabilities?.Bias(c, count),
        };
    }

    private static ClassFigures Element(Totals totals, BinaryClassTotals binary, int c, string? name)
    {
        var measures = binary.Of(c);
        return new ClassFigures(
            c, binary.Positives(c), binary.LossSum(c).ToDouble(), binary.MeanLoss(c), binary.TruePositives(c), binary.PredictedPositives(c), measures.Recall, measures.Precision, measures.F1)
        {
            Name = name,
            MeanProbability = totals.Statistics.ClassProbabilities?.Mean(c),
            Bias = totals.Statistics.ClassProbabilities?.Bias(c, binary.Positives(c)),
        };
    }

    private static ConfusionFigures Confusion(ConfusionCounts counts) => new(
        !counts.IsDense ? null : [.. Enumerable.Range(0, counts.Classes).Select(c => counts.Row(c) is { IsEmpty: false } row ? row.ToArray() : new long[counts.Classes])],
        counts.MostConfused(MostConfusedPairs));
}
