using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Calibration;

/// <summary>Temperature scaling: a few evaluations of the whole data, each a run of whatever engine, until the temperature of least loss is between neighbouring doubles.</summary>
public static class Calibrator
{
    // A proven end is where the slope is thrice what roundings can make, by its curvature; further off than this, nothing is proven.
    private const double ProofFactor = 3;
    private const double FurthestProof = 0.1;

    /// <summary>What a calibration reports of the data, at temperature 1 and at the one that it finds.</summary>
    private const StatisticKinds Reported = StatisticKinds.Calibration | StatisticKinds.Brier;

    /// <param name="plan">Its options have temperature 1, which is checked before anything is evaluated; statistics, slices and the hardest rows are of no consequence.</param>
    /// <param name="evaluate">Runs a pass's plan; one after another.</param>
    /// <exception cref="BadOptionException">The options are for probabilities, or have a temperature already.</exception>
    public static CalibrationResult Run(RunPlan plan, Func<CalibrationPass, EvaluationResult> evaluate)
    {
        Check(plan.Options);
        var run = new Passes(plan, evaluate);
        var search = new TemperatureSearch();
        var before = run.Report(1, search.Next);
        if (before.Loss.Mean is not { } mean || !double.IsFinite(mean))
        {
            return new CalibrationResult { Temperature = null, Remark = before.Remark ?? Unbounded(before), Passes = run.Count, Before = before, Points = [] };
        }

        search.Take(Points(search.Next, before));
        while (search.Next.Count > 0)
        {
            var next = search.Next;
            search.Take(Points(next, run.Search(next)));
        }

        var result = new CalibrationResult { Temperature = null, Passes = run.Count, Before = before, Points = search.Points };
        return search.End switch
        {
            SearchEnd.Minimum => Minimum(result, search.Bracket, run),
            SearchEnd.Flat => result with { Temperature = 1, After = before, Remark = "the temperature 1 is kept: no other near it changes the loss" },
            SearchEnd.Zero => result with
            {
                Limit = new TemperatureLimit(0, result.MeanLoss(search.Points[0])),
                Remark = plan.Target == TargetKind.Binary
                    ? "no temperature minimises the loss: it falls for ever as the temperature goes to 0, because every target that counts is on the side of its logit"
                    : "no temperature minimises the loss: it falls for ever as the temperature goes to 0, because every label that counts has the largest logit of its row",
            },
            SearchEnd.Infinity => result with
            {
                Limit = new TemperatureLimit(double.PositiveInfinity, result.MeanLoss(search.Points[^1])),
                Remark = "no temperature minimises the loss: it falls for ever as the temperature rises, because the logits say no more about the labels than equal probabilities do",
            },
            _ => result with { Remark = "no temperature: logits overflow when divided by one near 1, or their losses do; scale the logits down" },
        };
    }

    /// <summary>Whether there is a temperature to be found.</summary>
    /// <exception cref="BadOptionException">The options are for probabilities, or have a temperature already.</exception>
    public static void Check(EvaluationOptions options)
    {
        if (options.Loss.Temperature != 1)
        {
            throw new BadOptionException($"--temperature {options.Loss.Temperature}: the temperature is what a calibration finds; leave it out");
        }

        (options with { SlopeTemperatures = [1] }).Check();
    }

    private static CalibrationResult Minimum(CalibrationResult result, (TemperaturePoint Low, TemperaturePoint High) bracket, Passes run)
    {
        var (low, high) = bracket;
        var best = low.Temperature == 1 || (high.Temperature != 1 && Math.Abs(low.Slope) <= Math.Abs(high.Slope)) ? low : high;
        double[] ends = ProofTemperatures(bracket);
        var after = run.Report(best.Temperature, ends);
        var proof = Points(ends, after);
        bool isProven = proof is [{ Slope: > 0, IsProven: true }, { Slope: < 0, IsProven: true }];
        result = result with
        {
            Temperature = best.Temperature,
            Passes = run.Count,
            After = after,
            Certificate = new TemperatureCertificate(low, high, isProven ? proof[0] : null, isProven ? proof[1] : null),
            Points = [.. result.Points.Concat(proof).OrderBy(p => p.Temperature)],
        };
        return after.Loss.Mean <= result.Before.Loss.Mean ? result : result with
        {
            Temperature = 1,
            After = result.Before,
            Remark = $"the temperature 1 is kept: by the losses, which are rounded, {best.Temperature:R} is no better",
        };
    }

    /// <summary>Around the bracket, as near as the slopes' own error lets a sign be proven; none where that is far.</summary>
    private static double[] ProofTemperatures((TemperaturePoint Low, TemperaturePoint High) bracket)
    {
        var (low, high) = bracket;
        double lowReach = ProofFactor * low.SlopeError / low.Curvature;
        double highReach = ProofFactor * high.SlopeError / high.Curvature;
        return lowReach < FurthestProof && highReach < FurthestProof
            ? [Math.BitDecrement(low.Temperature * (1 - lowReach)), Math.BitIncrement(high.Temperature * (1 + highReach))]
            : [];
    }

    private static TemperaturePoint[] Points(IReadOnlyList<double> temperatures, EvaluationResult result) =>
        [.. temperatures.Zip(result.Slopes, TemperaturePoint.Of)];

    private static string Unbounded(EvaluationResult before) => double.IsNaN(before.Loss.Mean!.Value)
        ? "no temperature: the mean loss is no number at any, because a weight of 0 meets an infinite loss"
        : $"no temperature: the mean loss is infinite at any, because {before.Loss.Infinite:N0} rows have an infinite loss (a label whose logit is -infinity)";

    /// <summary>The evaluations of one calibration, counted.</summary>
    private sealed class Passes(RunPlan plan, Func<CalibrationPass, EvaluationResult> evaluate)
    {
        public int Count { get; private set; }

        public EvaluationResult Report(double temperature, IReadOnlyList<double> slopes) => Run(temperature, Reported, slopes);

        public EvaluationResult Search(IReadOnlyList<double> slopes) => Run(1, StatisticKinds.None, slopes);

        private EvaluationResult Run(double temperature, StatisticKinds statistics, IReadOnlyList<double> slopes)
        {
            Count++;
            var options = plan.Options with
            {
                Loss = plan.Options.Loss with { Temperature = temperature },
                Statistics = statistics,
                Hardest = 0,
                SliceBy = [],
                GroupByColumn = null,
                BytesColumn = null,
                SlopeTemperatures = slopes,
            };
            return evaluate(new CalibrationPass(Count, slopes, plan with { Options = options }));
        }
    }
}
