using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Charts;

/// <summary>Accuracy against confidence by bin of confidence; how many rows a bin has is a chart of its own.</summary>
public static class ReliabilityDiagram
{
    /// <param name="id">A word of lower-case letters, the page's only one.</param>
    /// <param name="rows">What is counted.</param>
    public static void Write(HtmlWriter html, string id, string title, CalibrationFigures calibration, string rows)
    {
        var unit = new Scale(0, 1);
        ReliabilityBin[] bins = [.. calibration.Bins.Where(b => b.Count > 0)];
        long most = bins.Max(b => b.Count);
        string description = $"Of a calibrated model each bin's accuracy is its confidence, on the dashed line. Expected error {Figure.Percent(calibration.Ece)}, largest {Figure.Percent(calibration.Mce)}.";
        Plot.Write(html, id, title, description, 240, unit, unit, plot =>
        {
            plot.YAxis(Figure.PercentTick, "accuracy");
            plot.XAxis(Figure.PercentTick, "confidence");
            plot.Line("ideal", 0, 0, 1, 1);
            foreach (var bin in bins)
            {
                double confidence = bin.MeanConfidence ?? 0, accuracy = bin.Accuracy ?? 0;
                plot.Mark($"confidence {Figure.Percent(confidence)}: accuracy {Figure.Percent(accuracy)}, {(accuracy < confidence ? "too sure" : "too unsure")} by {Figure.Percent(Math.Abs(accuracy - confidence))}; {Figure.Count(bin.Count)} {rows}", () =>
                {
                    plot.Column(bin.Low, bin.High);
                    plot.Line("gap", confidence, confidence, confidence, accuracy);
                    // The area of a dot is the bin's share of the rows.
                    plot.Dot("dot at", confidence, accuracy, 3 + (7 * Math.Sqrt((double)bin.Count / most)));
                });
            }
        });
    }

    /// <inheritdoc cref="Write"/>
    public static void WriteCounts(HtmlWriter html, string id, CalibrationFigures calibration, string rows)
    {
        ReliabilityBin[] bins = [.. calibration.Bins.Where(b => b.Count > 0)];
        long all = bins.Sum(b => b.Count);
        Plot.Write(html, id, $"Confidence of the {rows}", $"How many of {Figure.Count(all)} {rows} have a confidence in each bin.", 110, new Scale(0, 1), Scale.Of(bins.Select(b => (double)b.Count)), plot =>
        {
            plot.YAxis(Quantity.Short, rows);
            plot.XAxis(Figure.PercentTick, "confidence");
            foreach (var bin in bins)
            {
                plot.Mark($"confidence {Figure.PercentTick(bin.Low)} to {Figure.PercentTick(bin.High)}: {Figure.Count(bin.Count)} {rows}, {Figure.Percent((double)bin.Count / all)}", () =>
                {
                    plot.Column(bin.Low, bin.High);
                    plot.Box("bar at", bin.Low, bin.High, 0, bin.Count);
                });
            }
        });
    }
}
