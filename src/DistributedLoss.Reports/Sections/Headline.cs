using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>The mean with its interval, the figures beside it, and where every row went.</summary>
internal static class Headline
{
    // The 97.5 % quantile of the normal distribution.
    private const double Z = 1.959963984540054;

    public static void Write(HtmlWriter html, Reported report)
    {
        var result = report.Result;
        if (result.Remark is { } remark)
        {
            html.Write($"""<p class="remark">There is no mean: {remark}.</p>""");
        }

        html.Write($"""<div class="headline"><div class="hero card"><span class="label">Mean loss</span><span class="big">{Figure.Brief(result.Loss.Mean)}</span> <span class="muted">nats</span>""");
        WriteInterval(html, result.Loss.Ci95);
        html.Write($"""<span class="note mono" title="every digit">{Figure.Exact(result.Loss.Mean)}</span></div><dl class="cards">""");
        WriteLoss(html, result);
        WriteAccuracy(html, report);
        WriteStatistics(html, result.Figures);
        html.Write($"</dl></div>\n");
        RowAccount.Write(html, report);
    }

    private static void WriteLoss(HtmlWriter html, EvaluationResult result)
    {
        var loss = result.Loss;
        if (loss.Bytes is not null)
        {
            Card(html, "Bits per byte", Figure.Brief(loss.BitsPerByte), note: $"{Figure.Brief(loss.Bytes)} bytes");
        }

        Card(html, "Perplexity", Figure.Brief(loss.Perplexity), loss.Ci95 is var (low, high) ? (Elementary.Exp(low), Elementary.Exp(high)) : null);
        Card(html, "Bits", Figure.Brief(loss.Bits), loss.Ci95 is var (l, h) ? (l / Elementary.Log(2), h / Elementary.Log(2)) : null);
        if (result.Figures.Groups is { } groups)
        {
            Card(html, $"Mean over {groups.By}", Figure.Brief(groups.Mean), groups.Ci95, $"{Figure.Count(groups.Count)} groups");
        }
    }

    private static void WriteAccuracy(HtmlWriter html, Reported report)
    {
        foreach (var (k, value) in report.Result.Accuracy)
        {
            Card(html, k == 1 ? "Accuracy" : $"Top-{k} accuracy", Figure.Percent(value), Wilson(value, report.Result.Rows.Evaluated), percent: true);
        }

        if (report.Figures.Binary is { } binary)
        {
            Card(html, "Accuracy of elements", Figure.Percent(binary.Micro.Accuracy));
            Card(html, "F1, micro", Figure.Percent(binary.Micro.F1));
            Card(html, "F1, macro", Figure.Percent(binary.Macro.F1));
        }

        if (report.Figures.MeanReciprocalRank is { } rank)
        {
            Card(html, "Mean reciprocal rank", Figure.Brief(rank));
        }
    }

    private static void WriteStatistics(HtmlWriter html, EvaluationFigures figures)
    {
        foreach (var (name, value) in ((string, double?)[])[("Brier score", figures.Brier), ("Entropy, nats", figures.Entropy), ("KL divergence, nats", figures.Divergence)])
        {
            if (value is not null)
            {
                Card(html, name, Figure.Brief(value));
            }
        }

        if (figures.Calibration is { Ece: { } ece })
        {
            Card(html, "Calibration error", Figure.Percent(ece), note: "expected, 15 bins");
        }
    }

    private static void Card(HtmlWriter html, string name, string value, (double Low, double High)? interval = null, string? note = null, bool percent = false)
    {
        html.Write($"""<div class="card"><dt class="label">{name}</dt><dd><span class="value">{value}</span>""");
        WriteInterval(html, interval, percent);
        if (note is not null)
        {
            html.Write($"""<span class="note">{note}</span>""");
        }

        html.Write($"</dd></div>");
    }

    private static void WriteInterval(HtmlWriter html, (double Low, double High)? interval, bool percent = false)
    {
        if (interval is var (low, high) && double.IsFinite(low) && double.IsFinite(high))
        {
            string text = percent ? $"{100 * low:F2} to {Figure.Percent(high)}" : $"{Figure.Brief(low, 5)} to {Figure.Brief(high, 5)}";
            html.Write($"""<span class="note" title="95 % interval">95 %: {text}</span>""");
        }
    }

    /// <summary>Wilson's 95 % interval of a share of independent rows (Wilson 1927).</summary>
    private static (double Low, double High)? Wilson(double? share, long rows)
    {
        if (share is not { } p || rows == 0)
        {
            return null;
        }

        double z2 = Z * Z / rows, middle = (p + (z2 / 2)) / (1 + z2), reach = Z * Math.Sqrt((p * (1 - p) / rows) + (z2 / (4 * rows))) / (1 + z2);
        return (Math.Max(0, middle - reach), Math.Min(1, middle + reach));
    }
}
