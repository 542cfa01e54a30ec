using System.Reflection;
using System.Runtime.InteropServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>From totals to figures: the only place where an exact sum is rounded.</summary>
public static class ResultBuilder
{
    public static EvaluationResult Build(
        RunPlan plan, Totals totals, ShardFigures shards, DateTimeOffset started, TimeSpan elapsed, string engine, int workers)
    {
        double seconds = elapsed.TotalSeconds;
        return new EvaluationResult
        {
            Classes = plan.Classes,
            Rows = new RowFigures(totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored, InvalidRows(totals.Rows)),
            Loss = Losses(totals),
            Accuracy = Accuracies(totals.Ranks),
            PerClass = [.. Enumerable.Range(0, plan.Classes ?? 0).Select(c => Class(totals.Classes, c))],
            Hardest = [.. totals.Hardest.ToSorted().Select(r => new HardRow(plan.Files[r.File].Path, r.RowGroup, r.Row, r.Label, r.Predicted, r.Rank, r.Loss))],
            Digest = totals.Digest(),
            Files = plan.Files,
            Options = plan.Options,
            Shards = shards,
            Timing = new TimingFigures(
                started,
                plan.PlanTime.TotalSeconds,
                seconds,
                seconds > 0 ? totals.Rows.Total / seconds : 0,
                seconds > 0 ? (double)totals.Rows.Total * (plan.Classes ?? 0) / seconds : 0,
                plan.Shards.Sum(s => s.Bytes)),
            Environment = CurrentEnvironment(plan.Kernel.Name, engine, workers),
        };
    }

    private static Dictionary<string, long> InvalidRows(RowCounts rows) =>
        InvalidCauses.All.Where(c => rows[c] > 0).ToDictionary(InvalidCauses.Name, c => rows[c]);

    private static LossFigures Losses(Totals totals)
    {
        var losses = totals.Losses;
        if (losses.Mean is not { } mean)
        {
            return new LossFigures { IsWeighted = totals.Weighted is not null };
        }

        if (totals.Weighted is { } weighted)
        {
            return Weighted(losses, weighted);
        }

        return new LossFigures
        {
            Mean = mean,
            Sum = losses.Sum,
            Denominator = totals.Rows.Evaluated,
            StandardError = losses.StandardError,
            Ci95 = losses.Interval95,
            Bits = mean / Elementary.Log(2),
            Perplexity = Elementary.Exp(mean),
            Min = losses.Min,
            Max = losses.Max,
            Infinite = losses.InfiniteCount,
            Undefined = losses.NaNCount,
        };
    }

    // Least and greatest are those of the rows themselves: a weight says how much a row counts, not how much it loses.
    private static LossFigures Weighted(LossMoments losses, WeightedLoss weighted)
    {
        double? mean = weighted.Mean;
        return new LossFigures
        {
            IsWeighted = true,
            Mean = mean,
            Sum = weighted.Numerator,
            Denominator = weighted.Denominator,
            StandardError = weighted.StandardError,
            Ci95 = weighted.Interval95,
            Bits = mean / Elementary.Log(2),
            Perplexity = mean is { } m ? Elementary.Exp(m) : null,
            Min = losses.Min,
            Max = losses.Max,
            Infinite = losses.InfiniteCount,
            Undefined = weighted.UndefinedCount,
        };
    }

    private static TopKFigure[] Accuracies(RankCounts ranks) =>
        [.. ranks.Ks.ToArray().Select(k => new TopKFigure(k, ranks.Accuracy(k)))];

    private static ClassFigures Class(ClassTotals classes, int c)
    {
        // Most of a language model's classes have no row in one dump, and rounding an exact sum costs a microsecond.
        long count = classes.Count(c);
        double lossSum = count == 0 ? 0 : classes.LossSum(c).ToDouble();
        return new ClassFigures(
            c, count, lossSum, classes.MeanLoss(c), classes.Correct(c), classes.Predicted(c), classes.Recall(c), classes.Precision(c), classes.F1(c));
    }

    private static EnvironmentFigures CurrentEnvironment(string kernel, string engine, int workers) =>
        new(
            typeof(ResultBuilder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            engine,
            workers,
            kernel,
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount);
}
