using System.Collections.Concurrent;
using DistributedLoss.Reports;
using DistributedLoss.Reports.Tests;
using DistributedLoss.Results;
using Microsoft.Playwright;

namespace DistributedLoss.Browser;

/// <summary>The report of a result, looked at and clicked. Screenshots are in artifacts/browser.</summary>
[Collection(Chromium.Collection)]
public class ReportTests(Chromium chromium)
{
    private static readonly ConcurrentDictionary<int, Lazy<string>> Pages = new();

    public static TheoryData<int> ClassCounts => [2, 10, 1000, 128_256];

    public static TheoryData<int, bool, bool> Views
    {
        get
        {
            var views = new TheoryData<int, bool, bool>();
            foreach (int classes in (int[])[2, 10, 1000, 128_256])
            {
                views.Add(classes, false, false);
                views.Add(classes, false, true);
                views.Add(classes, true, false);
                views.Add(classes, true, true);
            }

            return views;
        }
    }

    [BrowserTheory]
    [MemberData(nameof(Views))]
    public async Task It_is_as_wide_as_the_window_in_both_themes(int classes, bool narrow, bool dark)
    {
        var view = (narrow ? View.Narrow : View.Wide) with { Dark = dark };
        await chromium.VisitAsync(Report(classes), view, async page =>
        {
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"report-{classes}-{view}.png"), FullPage = true });
            Assert.Equal(8, await page.Locator("section:has(svg.plot, table)").CountAsync());
        });
    }

    private static string Report(int classes) => Pages.GetOrAdd(classes, c => new Lazy<string>(() =>
        Written($"report-{c}.html", Samples.Of(c, c > 1000 ? i => $"token {i}" : null)))).Value;

    private static string Written(string name, EvaluationResult result)
    {
        using var file = File.Create(Artifacts.File(name));
        ResultReport.Write(file, result);
        return Artifacts.Url(name);
    }
}
