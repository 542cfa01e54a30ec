using DistributedLoss.Cli.Logging;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Output;

/// <summary>The figures of all rows, one a line; those that were not asked for have none.</summary>
internal static class FigureTable
{
    private static readonly string[] Quantiles = ["p50", "p90", "p99"];

    /// <param name="figures">Of rows that have a mean.</param>
    public static void Write(TextReport report, EvaluationFigures figures)
    {
        WriteLoss(report, figures);
        if (figures.Groups is { } groups)
        {
            report.Field("group mean", $"{Quantity.Rounded(groups.Mean)} nats, the mean of the means of {Quantity.Count(groups.Count)} groups by {OneLine.Of(groups.By)}{Interval(groups.Ci95)}");
        }

        WriteDistribution(report, figures);
        string name = "accuracy";
        foreach (var figure in figures.Accuracy)
        {
            report.Field(name, $"{Quantity.Percent(figure.Value),10}  top {figure.K}");
            name = "";
        }

        if (figures.Binary is { } binary)
        {
            WriteBinary(report, binary);
        }

        if (figures.MeanReciprocalRank is { } rank)
        {
            report.Field("", $"{Quantity.Share(rank),8}    mean reciprocal rank");
        }

        if (figures.Calibration is { Ece: not null } calibration)
        {
            report.Field("calibration", $"expected error {Quantity.Share(calibration.Ece)}, largest {Quantity.Share(calibration.Mce)}, mean confidence {Quantity.Share(calibration.MeanConfidence)}");
        }

        if (figures.Brier is { } brier)
        {
            report.Field("Brier score", Quantity.Rounded(brier));
        }

        if (figures.Entropy is { } entropy)
        {
            report.Field("entropy", $"{Quantity.Rounded(entropy)} nats, the mean of the predictions'");
        }

        if (figures.Divergence is { } divergence)
        {
            report.Field("divergence", $"{Quantity.Rounded(divergence)} nats, the mean from the targets (Kullback-Leibler)");
        }
    }

    private static void WriteBinary(TextReport report, BinaryFigures binary)
    {
        report.Field("accuracy", $"{Quantity.Percent(binary.Micro.Accuracy),10}  of the elements");
        report.Field("F1", $"{Quantity.Share(binary.Micro.F1),8}    micro: recall {Quantity.Share(binary.Micro.Recall)}, precision {Quantity.Share(binary.Micro.Precision)}");
        report.Field("", $"{Quantity.Share(binary.Macro.F1),8}    macro: recall {Quantity.Share(binary.Macro.Recall)}, precision {Quantity.Share(binary.Macro.Precision)}");
    }

    private static void WriteLoss(TextReport report, EvaluationFigures figures)
    {
        var loss = figures.Loss;
        report.Field("mean loss", $"{report.Bold(Quantity.Exact(loss.Mean!.Value))} nats");
        string denominator = loss.IsWeighted
            ? $"{Quantity.Exact(loss.Denominator)}, the weights of {Quantity.Count(figures.Rows.Evaluated)} rows"
            : $"{Quantity.Count((long)loss.Denominator)} {loss.DenominatorUnit}";
        report.Field("", $"= {Quantity.Exact(loss.Sum ?? 0)} nats / {denominator}");
        if (loss.Ci95 is var (low, high) && !double.IsNaN(low))
        {
            report.Field("", $"95 % interval {Quantity.Rounded(low)} to {Quantity.Rounded(high)}, standard error {Quantity.Rounded(loss.StandardError)}");
        }

        report.Field("in bits", Quantity.Rounded(loss.Bits));
        if (loss.Bytes is { } bytes)
        {
            report.Field("", $"{Quantity.Rounded(loss.BitsPerByte)} a byte, over {Quantity.Exact(bytes)} bytes");
        }

        report.Field("perplexity", Quantity.Rounded(loss.Perplexity));
    }

    private static void WriteDistribution(TextReport report, EvaluationFigures figures)
    {
        var loss = figures.Loss;
        report.Field("row losses", $"{Quantity.Rounded(loss.Min)} to {Quantity.Rounded(loss.Max)}");
        if (figures.Quantiles is { } distribution)
        {
            report.Field("", string.Join(", ", distribution.Quantiles.Where(q => Quantiles.Contains(q.Name)).Select(q => $"{q.Name} {Quantity.Brief(q.Value)}")));
        }

        if (loss.Infinite > 0)
        {
            report.Field("", $"{Quantity.Count(loss.Infinite)} rows give their label probability 0: their loss is infinite");
        }

        if (loss.Undefined > 0)
        {
            report.Field("", $"{Quantity.Count(loss.Undefined)} of these count with weight 0: 0 times infinity is no number");
        }
    }

    private static string Interval((double Low, double High)? interval) =>
        interval is var (low, high) && !double.IsNaN(low) ? $"; 95 % {Quantity.Rounded(low)} to {Quantity.Rounded(high)}" : "";
}
