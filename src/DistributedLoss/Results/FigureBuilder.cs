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

    private static readonly double[] Quantiles = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

    /// <param name="classNames">Null for none.</param>
    public static EvaluationFigures Build(Totals totals, IReadOnlyList<string>? classNames) => new()
    {
        Rows = new RowFigures(totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored, InvalidRows(totals.Rows)),
        Loss = Losses(totals),
        Groups = totals.Groups is { } groups ? Groups(totals.Shape.GroupBy!, groups) : null,
        Accuracy = [.. totals.Ranks.Ks.ToArray().Select(k => new TopKFigure(k, totals.Ranks.Accuracy(k)))],
        Binary = totals.Binary is { } binary ? new BinaryFigures(binary.Micro, binary.Macro) : null,
        MeanReciprocalRank = totals.Statistics.ReciprocalRanks?.Mean,
        Calibration = totals.Statistics.Calibration is { } bins ? new CalibrationFigures(bins.ExpectedError, bins.MaximumError, bins.MeanConfidence, bins.ToArray()) : null,
        Brier = totals.Statistics.Brier?.Mean,
        Entropy = totals.Statistics.Entropy?.Mean,
        Divergence = totals.Statistics.Divergence?.Mean,
        Quantiles = totals.Statistics.Histogram is { } losses ? Distribution(losses, totals.Losses) : null,
        PerClass = [.. Enumerable.Range(0, totals.Shape.Classes).Select(c => Class(totals, c, classNames?.ElementAtOrDefault(c)))],
        Confusion = totals.Statistics.Confusion is { } confusion ? Confusion(confusion) : null,
    };

    private static Dictionary<string, long> InvalidRows(RowCounts rows) =>
        InvalidCauses.All.Where(c => rows[c] > 0).ToDictionary(InvalidCauses.Name, c => rows[c]);

    private static LossFigures Losses(Totals totals)
    {
        var losses = totals.Losses;
        double? bytes = totals.Shape.CountsBytes ? (double)totals.Bytes : null;
        string unit = totals.Weighted is not null ? "weight" : totals.Shape.IsBinary ? "elements" : totals.Shape.IsSequence ? "positions" : "rows";
        if (losses.Mean is not { } mean)
        {
            return new LossFigures { DenominatorUnit = unit, IsWeighted = totals.Weighted is not null, Bytes = bytes };
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
                IsWeighted = true,
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
        [.. Quantiles.Select(q => ($"p{(q * 100).ToString("0.#", CultureInfo.InvariantCulture)}", histogram.Quantile(q, losses)))],
        histogram.ToBars());

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
