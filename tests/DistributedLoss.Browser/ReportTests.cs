using System.Collections.Concurrent;
using System.Globalization;
using DistributedLoss.Reports;
using DistributedLoss.Reports.Tests;
using DistributedLoss.Results;
using Microsoft.Playwright;

namespace DistributedLoss.Browser;

/// <summary>The report of a result, looked at and clicked. Pages and screenshots are in artifacts/browser.</summary>
[Collection(Chromium.Collection)]
public class ReportTests(Chromium chromium)
{
    private const int Most = 128_256;

    private static readonly int[] ClassCounts = [2, 10, 1000, Most];

    private static readonly ConcurrentDictionary<int, Lazy<(EvaluationResult Result, string Url)>> Pages = new();

    public static TheoryData<int, bool, bool> Views
    {
        get
        {
            var views = new TheoryData<int, bool, bool>();
            foreach (int classes in ClassCounts)
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
    public async Task It_fits_the_window_and_can_be_read_in_both_themes(int classes, bool narrow, bool dark)
    {
        var view = (narrow ? View.Narrow : View.Wide) with { Dark = dark };
        await chromium.VisitAsync(Report(classes).Url, view, async page =>
        {
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"report-{classes}-{view}.png"), FullPage = true });
            Assert.Equal(8, await page.Locator("section:has(svg.plot, table)").CountAsync());
            Assert.Empty(await Contrast.PoorAsync(page));
        });
    }

    [BrowserTheory]
    [InlineData(10)]
    [InlineData(Most)]
    public async Task A_table_is_sorted_by_its_heads(int classes)
    {
        var (result, url) = Report(classes);
        double[] losses = [.. result.PerClass.Select(c => c.LossMean!.Value)];
        await chromium.VisitAsync(url, View.Wide, async page =>
        {
            var head = page.Locator("#classtable th", new() { HasText = "Mean loss" });
            Assert.Equal("none", await head.GetAttributeAsync("aria-sort"));
            foreach (var (order, first) in ((string, double)[])[("descending", losses.Max()), ("ascending", losses.Min())])
            {
                await head.GetByRole(AriaRole.Button).ClickAsync();
                await Assertions.Expect(head).ToHaveAttributeAsync("aria-sort", order);
                Assert.Equal(first, await ValueAsync(page, classes > 1000 ? 3 : 2), first * 1e-5);
            }

            // With the keyboard, and by a ratio that the script works out.
            var recall = page.Locator("#classtable th", new() { HasText = "Recall" });
            await recall.GetByRole(AriaRole.Button).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(recall).ToHaveAttributeAsync("aria-sort", "descending");
            await Assertions.Expect(head).ToHaveAttributeAsync("aria-sort", "none");
            Assert.Equal(result.PerClass.Max(c => c.Recall!.Value), await ValueAsync(page, classes > 1000 ? 6 : 5), 1e-12);
        });
    }

    [BrowserFact]
    public async Task A_long_table_is_searched_by_name_and_number_and_turned_page_by_page()
    {
        var (result, url) = Report(Most);
        await chromium.VisitAsync(url, View.Wide, async page =>
        {
            var table = page.Locator("#classtable");
            var before = await table.Locator("tbody tr").AllInnerTextsAsync();
            await table.GetByText("Next").ClickAsync();
            await Assertions.Expect(table.Locator(".shown")).ToHaveTextAsync("101–200 of 128,256");
            Assert.DoesNotContain(before[0], await table.Locator("tbody tr").AllInnerTextsAsync());
            await table.GetByText("Previous").ClickAsync();
            // What the script writes is what stood there before it ran.
            Assert.Equal(before, await table.Locator("tbody tr").AllInnerTextsAsync());

            int named = result.PerClass.Count(c => c.Name!.Contains("n 777", StringComparison.Ordinal));
            await table.GetByRole(AriaRole.Searchbox).FillAsync("N 777");
            await Assertions.Expect(table.Locator(".shown")).ToHaveTextAsync($"1–{Math.Min(named, 100)} of {named}");
            await table.GetByRole(AriaRole.Searchbox).FillAsync("nothing of that name");
            await Assertions.Expect(table.Locator(".shown")).ToHaveTextAsync("none of 128,256");
            Assert.Equal(0, await table.Locator("tbody tr").CountAsync());
            await table.GetByRole(AriaRole.Searchbox).FillAsync("");
            await Assertions.Expect(table.Locator(".shown")).ToHaveTextAsync("1–100 of 128,256");
        });
        await chromium.VisitAsync(Report(1000).Url, View.Wide, async page =>
        {
            var table = page.Locator("#classtable");
            await table.GetByRole(AriaRole.Searchbox).FillAsync("77");
            await Assertions.Expect(table.Locator("tbody tr")).ToHaveCountAsync(1);
            Assert.Equal("77", await table.Locator("tbody td").First.InnerTextAsync());
        });
    }

    [BrowserTheory]
    [InlineData("histogram", "rows, ")]
    [InlineData("reliability", "accuracy ")]
    [InlineData("classlosses", "mean loss")]
    [InlineData("confusionmap", "predicted 0")]
    [InlineData("slices1", "95 % interval")]
    [InlineData("gantt", "worker-1")]
    [InlineData("throughput", "rows/s")]
    public async Task A_chart_tells_its_values_to_the_pointer_and_to_the_arrow_keys(string chart, string values)
    {
        await chromium.VisitAsync(Report(10).Url, View.Wide, async page =>
        {
            var plot = page.Locator($"#{chart}");
            var tip = page.Locator("#tip");
            await plot.Locator(".mark").First.ScrollIntoViewIfNeededAsync();
            await plot.Locator(".mark .at").First.HoverAsync(new() { Force = true });
            await Assertions.Expect(tip).ToContainTextAsync(values);
            await page.Mouse.MoveAsync(1, 1);
            await Assertions.Expect(tip).ToBeHiddenAsync();

            await plot.FocusAsync();
            await page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(tip).ToBeVisibleAsync();
            string first = await tip.InnerTextAsync();
            await page.Keyboard.PressAsync("ArrowRight");
            Assert.NotEqual(first, await tip.InnerTextAsync());
            await page.Keyboard.PressAsync("Home");
            Assert.Equal(first, await tip.InnerTextAsync());
            await page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(tip).ToBeHiddenAsync();
        });
    }

    [BrowserFact]
    public async Task Charts_are_images_with_a_title_and_a_description()
    {
        await chromium.VisitAsync(Report(10).Url, View.Wide, async page =>
        {
            var plots = page.Locator("svg");
            Assert.Equal(await plots.CountAsync(), await page.Locator("svg[role=img][tabindex='0']").CountAsync());
            foreach (var plot in await plots.AllAsync())
            {
                string[] named = (await plot.GetAttributeAsync("aria-labelledby"))!.Split(' ');
                Assert.Equal(2, named.Length);
                foreach (string id in named)
                {
                    Assert.NotEqual("", (await page.Locator($"#{id}").TextContentAsync())!.Trim());
                }
            }
        });
    }

    [BrowserFact]
    public async Task Without_a_script_figures_charts_and_the_first_rows_are_there()
    {
        await chromium.VisitAsync(Report(Most).Url, View.Wide with { Script = false }, async page =>
        {
            Assert.Equal("2.48715", await page.Locator(".big").InnerTextAsync());
            Assert.True(await page.Locator("#histogram rect.bar").CountAsync() > 30);
            Assert.Equal(100, await page.Locator("#classtable tbody tr").CountAsync());
            Assert.True(await page.Locator("#theme").IsHiddenAsync());
        });
    }

    [BrowserFact]
    public async Task It_prints()
    {
        // A4 is 794 px wide.
        await chromium.VisitAsync(Report(10).Url, new View(794, Dark: true), async page =>
        {
            byte[] pdf = await page.PdfAsync(new() { Path = Artifacts.File("report-10.pdf"), Format = "A4", PrintBackground = true });
            Assert.True(pdf.AsSpan().StartsWith("%PDF"u8));
            await page.EmulateMediaAsync(new() { Media = Media.Print });
            Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
            Assert.True(await page.Locator("#theme").IsHiddenAsync());
            Assert.True(await page.Locator("#classtable th").GetByText("Mean loss").IsVisibleAsync());
        });
    }

    [BrowserFact]
    public async Task Names_that_are_markup_are_shown_as_they_are()
    {
        // More than fit on one page of a table: they are in the packed rows too.
        var result = Samples.Of(150, c => $"{Samples.Hostile} {c}");
        result = result with
        {
            Files = [.. result.Files.Select(f => f with { Path = $"/{Samples.Hostile}/{f.Index}" })],
            Hardest = [.. result.Hardest.Select(h => h with { File = Samples.Hostile })],
            Shards = result.Shards with { History = result.Shards.History! with { Spans = [.. result.Shards.History.Spans.Select(s => s with { Worker = Samples.Hostile })] } },
            Environment = result.Environment with { Engine = Samples.Hostile },
            Options = result.Options with { LogitsColumn = Samples.Hostile },
        };
        string shown = Samples.Hostile.Replace('\u202e', '\ufffd').Replace('\0', '\u2400');
        await chromium.VisitAsync(Written("hostile.html", result), View.Narrow, async page =>
        {
            await page.Locator("#classtable").GetByText("Next").ClickAsync();
            await Assertions.Expect(page.Locator("#classtable .shown")).ToHaveTextAsync("101–150 of 150");
            Assert.StartsWith(Samples.Hostile[..40], await page.Locator("#classtable td.data").First.TextContentAsync(), StringComparison.Ordinal);
            Assert.Equal(shown, await page.Locator("#workers td.data").First.TextContentAsync());
            Assert.Equal(shown, await page.Locator("#hardesttable td.data").Nth(2).TextContentAsync());
            await page.Locator("#slices1").FocusAsync();
            await page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(page.Locator("#tip")).ToContainTextAsync(shown);
            Assert.Equal(0, await page.Locator("img").CountAsync());
            Assert.NotEqual("pwned", await page.TitleAsync());
        });
    }

    [BrowserFact]
    public async Task The_largest_opens_as_fast_as_the_smallest()
    {
        double small = await OpeningAsync(2), large = await OpeningAsync(Most);
        await File.WriteAllTextAsync(Artifacts.File("opening.txt"), string.Create(CultureInfo.InvariantCulture, $"2 classes {small} s, {Most} classes {large} s\n"));
        Assert.True(large < small + 2, $"{Most} classes take {large} s to open, 2 classes {small} s");

        // Seconds of the processor, which do not count what others take of it.
        async Task<double> OpeningAsync(int classes)
        {
            double seconds = 0;
            await chromium.VisitAsync(Report(classes).Url, View.Wide, async page =>
            {
                var tools = await page.Context.NewCDPSessionAsync(page);
                await tools.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
                await page.ReloadAsync();
                var metrics = (await tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray();
                seconds = metrics.Single(m => m.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble();
            });
            Assert.InRange(seconds, 1e-4, double.MaxValue);
            return seconds;
        }
    }

    private static async Task<double> ValueAsync(IPage page, int column) => double.Parse(
        (await page.Locator("#classtable tbody tr").First.Locator("td").Nth(column).GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture);

    private static (EvaluationResult Result, string Url) Report(int classes) => Pages.GetOrAdd(classes, c => new(() =>
    {
        var result = Samples.Of(c, c > 1000 ? i => $"token {i}" : null);
        return (result, Written($"report-{c}.html", result));
    })).Value;

    private static string Written(string name, EvaluationResult result)
    {
        using var file = File.Create(Artifacts.File(name));
        ResultReport.Write(file, result);
        return Artifacts.Url(name);
    }
}
