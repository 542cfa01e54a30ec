using DistributedLoss.Calibration;
using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Charts;

/// <summary>Mean loss against temperature, as far as a calibration looked: its points, and between them the cubic that has their losses and slopes.</summary>
public static class TemperatureCurve
{
    // Further away than this, the losses of the ends would flatten the rest.
    private const double Reach = 5;

    private const int Pieces = 16;

    /// <param name="id">A word of lower-case letters, the page's only one.</param>
    /// <param name="calibration">Rows that have a mean.</param>
    public static void Write(HtmlWriter html, string id, CalibrationResult calibration)
    {
        double middle = Math.Sqrt(calibration.Temperature ?? 1);
        double denominator = calibration.Before.Loss.Denominator;
        (double X, double Loss, double Slope, double Temperature)[] points =
        [
            .. calibration.Points.Where(p => Math.Abs(Math.Log(p.Temperature / middle)) < Math.Log(Reach) + Math.Abs(Math.Log(middle)))
                .Select(p => (Math.Log2(p.Temperature), p.Loss / denominator, -p.Slope / denominator * Math.Log(2), p.Temperature)),
        ];
        if (points.Length == 0)
        {
            return;
        }

        string description = calibration.Temperature is { } temperature
            ? $"The mean loss is least at the temperature {Figure.Brief(temperature)}."
            : "The mean loss has no minimum.";
        Plot.Write(html, id, "Mean loss by temperature", description, 240, Scale.Around(points.Select(p => p.X)), Scale.Around(points.Select(p => p.Loss)), plot =>
        {
            plot.YAxis(Figure.Tick, "nats");
            plot.XAxis(x => Figure.Brief(Math.Pow(2, x)), "temperature");
            for (int i = 0; i + 1 < points.Length; i++)
            {
                Draw(plot, points[i].X, points[i].Loss, points[i].Slope, points[i + 1].X, points[i + 1].Loss, points[i + 1].Slope);
            }

            foreach (var (x, loss, _, at) in points)
            {
                plot.Mark($"temperature {Figure.Exact(at)}: mean loss {Figure.Exact(loss)}", () => plot.Dot("dot at", x, loss, 4));
            }
        });
    }

    private static void Draw(Plot plot, double x0, double y0, double slope0, double x1, double y1, double slope1)
    {
        double width = x1 - x0;
        double Value(double t) => (y0 * (1 + (2 * t)) * (1 - t) * (1 - t)) + (slope0 * width * t * (1 - t) * (1 - t)) + (y1 * t * t * (3 - (2 * t))) - (slope1 * width * t * t * (1 - t));
        for (int i = 0; i < Pieces && width > 1e-3; i++)
        {
            double from = (double)i / Pieces, to = (double)(i + 1) / Pieces;
            plot.Line("interval", x0 + (from * width), Value(from), x0 + (to * width), Value(to));
        }
    }
}
