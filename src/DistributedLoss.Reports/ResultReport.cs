using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Sections;
using DistributedLoss.Results;

namespace DistributedLoss.Reports;

/// <summary>
/// A result as a page to look at. The same result gives the same bytes. Statistics that were not asked for are said to be so, with the option that asks for them.
/// </summary>
public static class ResultReport
{
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, EvaluationResult result)
    {
        var report = new Reported(result);
        var page = new Page { Title = report.Dataset, Kind = "loss report" };
        page.Lead(html => Headline.Write(html, report));
        page.Section("loss", "Loss", "How the losses are spread", html => LossSection.Write(html, report));
        page.Section("calibration", "Calibration", "Calibration", html => CalibrationSection.Write(html, report));
        page.Section("classes", "Classes", "Classes", html => ClassSection.Write(html, report));
        page.Section("confusion", "Confusion", "What is taken for what", html => ConfusionSection.Write(html, report));
        if (result.Slices.Count > 0)
        {
            page.Section("slices", "Slices", "Slices", html => SliceSection.Write(html, report));
        }

        page.Section("hardest", "Hardest", "The hardest rows", html => HardestSection.Write(html, report));
        page.Section("run", "Run", "How the run went", html => RunSection.Write(html, report));
        page.Section("provenance", "Provenance", "Where the numbers come from", html => ProvenanceSection.Write(html, report));
        page.Write(stream);
    }
}
