using DistributedLoss.Calibration;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Sections;
using DistributedLoss.Results;

namespace DistributedLoss.Reports;

/// <summary>A calibration as a page to look at: the temperature and what shows it, the loss around it, reliability before and after. The same calibration gives the same bytes.</summary>
public static class CalibrationReport
{
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, CalibrationResult result)
    {
        var report = new Reported(result.Before);
        var page = new Page { Title = report.Dataset, Kind = "calibration" };
        page.Lead(html => WriteHeadline(html, result));
        if (result.Points.Count > 0)
        {
            page.Section("loss", "Loss", "The loss around it", html => TemperatureCurve.Write(html, "curve", result));
        }

        page.Section("reliability", "Reliability", "Reliability before and after", html => WriteReliability(html, result, report.Rows));
        page.Section("proof", "Proof", "What shows the minimum", html => WriteProof(html, result));
        page.Section("provenance", "Provenance", "Where the numbers come from", html => ProvenanceSection.WriteInputs(html, report));
        page.Write(stream);
    }

    private static void WriteHeadline(HtmlWriter html, CalibrationResult result)
    {
        if (result.Remark is { } remark)
        {
            html.Write($"""<p class="remark">{remark}.</p>""");
        }

        html.Write($"""
            <div class="headline"><div class="hero card"><span class="label">Temperature</span><span class="big">{Figure.Brief(result.Temperature)}</span>
            <span class="note mono">{Figure.Exact(result.Temperature)}</span></div><dl class="cards">
            """);
        var (before, after) = (result.Before.Figures, result.After?.Figures);
        Card(html, "Mean loss", Figure.Brief(before.Loss.Mean), Figure.Brief(after?.Loss.Mean));
        Card(html, "Calibration error", Figure.Percent(before.Calibration?.Ece), Figure.Percent(after?.Calibration?.Ece));
        Card(html, "Mean confidence", Figure.Percent(before.Calibration?.MeanConfidence), Figure.Percent(after?.Calibration?.MeanConfidence));
        Card(html, "Accuracy", Figure.Percent(Accuracy(before)), Figure.Percent(after is null ? null : Accuracy(after)));
        if (before.Brier is not null)
        {
            Card(html, "Brier score", Figure.Brief(before.Brier), Figure.Brief(after?.Brier));
        }

        html.Write($"</dl></div>\n");
    }

    private static double? Accuracy(EvaluationFigures figures) => figures.Binary is { } binary ? binary.Micro.Accuracy : figures.Accuracy.Count > 0 ? figures.Accuracy[0].Value : null;

    private static void Card(HtmlWriter html, string name, string before, string after) => html.Write($"""
        <div class="card"><dt class="label">{name}</dt><dd><span class="value">{(after == Figure.None ? before : after)}</span><span class="note">{(after == Figure.None ? "at temperature 1" : $"{before} at temperature 1")}</span></dd></div>
        """);

    private static void WriteReliability(HtmlWriter html, CalibrationResult result, string rows)
    {
        html.Write($"""<div class="pair">""");
        foreach (var (id, evaluation) in ((string, EvaluationResult?)[])[("before", result.Before), ("after", result.After)])
        {
            if (evaluation?.Figures.Calibration is { Ece: not null } calibration)
            {
                html.Write($"<div>");
                ReliabilityDiagram.Write(html, id, $"At temperature {Figure.Brief(evaluation.Options.Loss.Temperature)}", calibration, rows);
                ReliabilityDiagram.WriteCounts(html, $"{id}counts", calibration, rows);
                html.Write($"</div>");
            }
        }

        html.Write($"</div>\n");
    }

    private static void WriteProof(HtmlWriter html, CalibrationResult result)
    {
        if (result.Limit is { } limit)
        {
            html.Write($"<p>The mean loss falls towards {Figure.Real(limit.MeanLoss)} nats as the temperature goes to {Figure.Real(limit.Temperature)}.</p>\n");
        }

        if (result.Certificate is { } certificate)
        {
            var (low, high, provenLow, provenHigh) = certificate;
            html.Write($"""
                <p>The sum over all rows of the slopes of their losses (by the logarithm of the inverse temperature) is <b>{Figure.Brief(low.Slope)}</b> at <code>{Figure.Exact(low.Temperature)}</code> and
                <b>{Figure.Brief(high.Slope)}</b> at <code>{Figure.Exact(high.Temperature)}</code>: {(low == high ? "exactly 0, the minimum itself" : "neighbouring numbers, between which the sign changes")}. The loss is convex in the inverse temperature, so that there is no other minimum.</p>
                """);
            if (provenLow is not null && provenHigh is not null)
            {
                html.Write($"""<p>With all rounding errors of all rows against it, the minimum is between <code>{Figure.Exact(provenLow.Temperature)}</code> and <code>{Figure.Exact(provenHigh.Temperature)}</code>.</p>""");
            }
        }

        html.Write($"<p>The data were read {Figure.Count(result.Passes)} times.</p>\n");
    }
}
