using DistributedLoss.Evaluation;
using DistributedLoss.Reports.Charts;
using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;

namespace DistributedLoss.Reports.Sections;

/// <summary>Whether the model is as right as it is sure.</summary>
internal static class CalibrationSection
{
    public static void Write(HtmlWriter html, Reported report)
    {
        if (report.Figures.Calibration is not { } calibration)
        {
            report.Missing(html, "Calibration was", StatisticKinds.Calibration, "calibration");
            return;
        }

        if (calibration.Bins.All(b => b.Count == 0))
        {
            html.Write($"""<p class="muted">No row has a confidence.</p>""");
            return;
        }

        html.Write($"""<div class="pair">""");
        ReliabilityDiagram.Write(html, "reliability", "Accuracy against confidence", calibration, report.Rows);
        html.Write($"<div>");
        ReliabilityDiagram.WriteCounts(html, "confidences", calibration, report.Rows);
        html.Write($"""
            <p>Expected calibration error {Figure.Percent(calibration.Ece)}, largest gap {Figure.Percent(calibration.Mce)}, mean confidence {Figure.Percent(calibration.MeanConfidence)}.
            Dots below the line are too sure; a dot's area is its share of the {report.Rows}.</p><details><summary>The bins as a table</summary>
            """);
        var bins = calibration.Bins;
        new DataTable("bins", "Bins of confidence", bins.Length,
        [
            new Column.Shares("From", i => bins[i].Low),
            new Column.Shares("Below", i => bins[i].High),
            new Column.Counts("Rows", i => bins[i].Count),
            new Column.Shares("Accuracy", i => bins[i].Accuracy),
            new Column.Shares("Mean confidence", i => bins[i].MeanConfidence),
        ]).Write(html);
        html.Write($"</details></div></div>");
    }
}
