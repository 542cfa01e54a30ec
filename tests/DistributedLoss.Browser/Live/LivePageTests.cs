using DistributedLoss.Coordination;
using DistributedLoss.Reports.Html;
using Microsoft.Playwright;

namespace DistributedLoss.Browser.Live;

/// <summary>The live page, while a run goes on, and when it has ended.</summary>
[Collection(Chromium.Collection)]
public class LivePageTests(Chromium chromium)
{
    public static TheoryData<int, int, bool> Looks()
    {
        var looks = new TheoryData<int, int, bool>();
        foreach (int classes in (int[])[2, 10, 1000, 128_256])
        {
            foreach (int width in (int[])[View.Wide.Width, View.Narrow.Width])
            {
                looks.Add(classes, width, false);
                looks.Add(classes, width, true);
            }
        }

        return looks;
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task A_run_is_shown_as_it_is(int classes, int width, bool dark)
    {
        await using var run = await StagedRun.StartAsync(classes: classes);
        run.Half();
        var view = new View(width, dark);
        await chromium.VisitAsync(run.Url.AbsoluteUri, view, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
            await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("51 %");
            await Assertions.Expect(page.Locator("#counts")).ToHaveTextAsync("204,321 of 400,000 rows");
            await Assertions.Expect(page.Locator("#mean")).ToHaveTextAsync("1.25349");
            await Assertions.Expect(page.Locator("#mean-note")).ToHaveTextAsync("1.24123 to 1.26574 (95 %)");
            await Assertions.Expect(page.Locator("#top1")).ToHaveTextAsync("74.21 %");
            await Assertions.Expect(page.Locator("#shards")).ToHaveTextAsync("20 of 40");
            await Assertions.Expect(page.Locator("#again")).ToHaveTextAsync("1");
            await Assertions.Expect(page.Locator("#worker-rows tr")).ToHaveCountAsync(3);
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"live-{classes}-{view}.png"), FullPage = true });
        });
    }

    [BrowserFact]
    public async Task It_moves_and_a_worker_that_leaves_is_shown()
    {
        await using var run = await StagedRun.StartAsync(shards: 4);
        await VisitAsync(run, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Planning");
            run.Begin("a", "b");
            run.Assign(0, "a");
            run.Assign(1, "b");
            run.Report(1, rows: 5000, busy: new WorkerProgress("a", 0, 5000));
            await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("12 %");
            await Assertions.Expect(page.Locator("#bar")).ToHaveAttributeAsync("aria-valuenow", "12");
            await Assertions.Expect(page.Locator("#mean")).ToHaveTextAsync("–");
            await Assertions.Expect(Row(page, "a")).ToContainTextAsync("shard 0: part-000.parquet, row group 0, 5,000 of 10,000 rows");
            run.Finish(0, "a");
            run.Report(2, rows: 7000);
            await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("42 %");
            await Assertions.Expect(page.Locator("#mean")).ToHaveTextAsync("1.25349");
            await Assertions.Expect(Row(page, "a")).ToContainTextAsync("idle");
            run.Tell(new RunEvent.WorkerLeft("b", "killed", 1, 0, 0), "warning", "worker b left: killed");
            run.Report(3, workers: 1);
            await Assertions.Expect(Row(page, "b")).ToContainTextAsync("left: killed");
            await Assertions.Expect(page.Locator("#present")).ToHaveTextAsync("1");
            await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("25 %");
            await Assertions.Expect(page.Locator("#log-lines li[data-level=warning]")).ToContainTextAsync("worker b left: killed");
        });
    }

    [BrowserFact]
    public async Task Rows_of_an_earlier_run_are_shown_as_such()
    {
        await using var run = await StagedRun.StartAsync(shards: 4);
        run.Begin("a");
        run.Tell(new RunEvent.RunResumed(2, 4, 0));
        run.Report(1, resumed: 20_000);
        await VisitAsync(run, async page =>
        {
            await Assertions.Expect(page.Locator("#counts")).ToHaveTextAsync("20,000 of 40,000 rows, 20,000 of them by an earlier run");
            await Assertions.Expect(page.Locator("#shards-note")).ToContainTextAsync("2 by an earlier run");
            Assert.Equal("50%", await page.Locator("#resumed").EvaluateAsync<string>("e => e.style.width"));
        });
    }

    [BrowserFact]
    public async Task A_run_that_stands_still_says_why_until_it_goes_on()
    {
        await using var run = await StagedRun.StartAsync();
        run.Begin();
        run.Tell(new RunEvent.RunStalled(10, "no worker is there; start workers, and see in their logs why they do not join", 0, 0), "warning");
        await VisitAsync(run, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Stalled");
            await Assertions.Expect(page.Locator("#reason")).ToContainTextAsync("no worker is there; start workers");
            await Assertions.Expect(page.Locator("#announcement")).ToContainTextAsync("Stalled: no worker is there");
            run.Report(11);
            run.Report(12, rows: 1);
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
            await Assertions.Expect(page.Locator("#reason")).ToBeHiddenAsync();
        });
    }

    [BrowserTheory]
    [InlineData(1280)]
    [InlineData(375)]
    public async Task A_failure_is_shown_with_its_line_and_names_from_data_are_text(int width)
    {
        const string Hostile = "<img src=x onerror=\"document.title='pwned'\"></script>";
        await using var run = await StagedRun.StartAsync(title: Hostile);
        run.Half();
        run.Tell(new RunEvent.WorkerJoined(Hostile, 3), text: Hostile);
        run.Assign(30, Hostile);
        run.Tell(new RunEvent.RunFailed($"/data/{Hostile}.parquet: row group 4, row 25003: a logit is NaN", 20, 40), "error");
        run.Run.End(report: null);
        await VisitAsync(run, new View(width, Dark: width < 600), async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Failed");
            await Assertions.Expect(page.Locator("#reason")).ToHaveTextAsync($"/data/{Hostile}.parquet: row group 4, row 25003: a logit is NaN");
            await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(Hostile);
            await Assertions.Expect(Row(page, Hostile)).ToHaveCountAsync(1);
            await Assertions.Expect(page.Locator("#log-lines")).ToContainTextAsync(Hostile);
            Assert.StartsWith("Failed", await page.TitleAsync(), StringComparison.Ordinal);
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"live-failed-{width}.png"), FullPage = true });
        });
    }

    [BrowserFact]
    public async Task It_connects_again_by_itself_and_says_so()
    {
        await using var run = await StagedRun.StartAsync(shards: 4);
        run.Begin("a");
        await chromium.VisitAsync(
            run.Url.AbsoluteUri,
            View.Wide,
            async page =>
            {
                await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
                await Assertions.Expect(page.Locator("#connection")).ToBeHiddenAsync();
                await run.DropAsync();
                await Assertions.Expect(page.Locator("#connection")).ToContainTextAsync("No connection to the run since");
                await page.ScreenshotAsync(new() { Path = Artifacts.File("live-lost.png"), FullPage = true });
                run.Finish(0, "a");
                run.Report(2);
                await run.ComeBackAsync();
                await Assertions.Expect(page.Locator("#connection")).ToBeHiddenAsync();
                await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("25 %");
                // The tail is told anew, and not twice.
                await Assertions.Expect(page.Locator("#log-lines li", new() { HasText = "run started" })).ToHaveCountAsync(1);
            },
            expected: "Failed to load resource: net::ERR_");
    }

    [BrowserTheory]
    [InlineData(1280)]
    [InlineData(375)]
    public async Task The_report_is_shown_when_the_run_is_done_and_outlives_the_server(int width)
    {
        await using var run = await StagedRun.StartAsync(shards: 2);
        run.Begin("a");
        await VisitAsync(run, new View(width, Dark: false), async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
            run.Finish(0, "a");
            run.Finish(1, "a");
            run.Report(3);
            run.Complete(Report());
            var report = page.FrameLocator("#report-view iframe");
            await Assertions.Expect(report.Locator("h1")).ToHaveTextAsync("Report of predictions/");
            await Assertions.Expect(page.Locator("#report-back")).ToBeFocusedAsync();
            await Assertions.Expect(page.Locator("#announcement")).ToHaveTextAsync("Finished: mean loss 1.25349");

            // Whoever has the report leaves: nothing but that ends the wait for viewers here.
            await run.WaitForViewersAsync(TimeSpan.FromMinutes(5));
            await run.DropAsync();
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"live-report-{width}.png") });
            var saved = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#report-save"));
            Assert.Equal(Report(), await File.ReadAllTextAsync(await saved.PathAsync()));

            await page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(page.Locator("#report-view")).ToBeHiddenAsync();
            await Assertions.Expect(page.Locator("#report-show")).ToBeFocusedAsync();
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Finished");
            await Assertions.Expect(page.Locator("#left")).ToHaveTextAsync("after 3.0 s");
            await page.ScreenshotAsync(new() { Path = Artifacts.File($"live-finished-{width}.png"), FullPage = true });
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.Locator("#report-view")).ToBeVisibleAsync();
        });
    }

    [BrowserFact]
    public async Task Screen_readers_hear_of_quarters_and_not_of_every_update()
    {
        await using var run = await StagedRun.StartAsync(shards: 100);
        run.Begin("a");
        await VisitAsync(run, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
            await page.EvaluateAsync("""
                () => {
                  window.heard = [];
                  new MutationObserver(() => heard.push(document.getElementById("announcement").textContent))
                    .observe(document.getElementById("announcement"), { childList: true, characterData: true, subtree: true });
                }
                """);
            foreach (int percent in (int[])[4, 8, 12, 26, 27, 31])
            {
                run.Report(percent, rows: percent * 10_000);
                await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync($"{percent} %");
            }

            Assert.Equal(["26 % done"], await page.EvaluateAsync<string[]>("() => heard"));
            Assert.Equal(0, await page.Locator("[aria-live]:not(#announcement), [role=log], [role=alert]").CountAsync());
        });
    }

    [BrowserFact]
    public async Task The_chart_and_the_log_can_be_read_with_keys_alone()
    {
        await using var run = await StagedRun.StartAsync();
        run.Half();
        await VisitAsync(run, async page =>
        {
            await Assertions.Expect(page.Locator("#percent")).ToHaveTextAsync("51 %");
            await page.Locator("#theme").FocusAsync();
            await page.Keyboard.PressAsync("Tab");
            await Assertions.Expect(page.Locator("#chart")).ToBeFocusedAsync();
            await page.Keyboard.PressAsync("Home");
            await Assertions.Expect(page.Locator("#chart-at")).ToContainTextAsync("rows/s at 0.5 s");
            await page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(page.Locator("#chart-at")).ToContainTextAsync("rows/s at 1.0 s");
            await page.Keyboard.PressAsync("Tab");
            await page.Keyboard.PressAsync("Tab");
            await Assertions.Expect(page.Locator("#log-level")).ToBeFocusedAsync();
            await Assertions.Expect(page.Locator("#log-lines li[data-level=debug]").First).ToBeHiddenAsync();
            await page.SelectOptionAsync("#log-level", "shards");
            await Assertions.Expect(page.Locator("#log-lines li[data-level=debug]").First).ToBeVisibleAsync();
            await page.SelectOptionAsync("#log-level", "warnings");
            await Assertions.Expect(page.Locator("#log-lines li:visible")).ToHaveCountAsync(2);
        });
    }

    [BrowserFact]
    public async Task Lines_about_single_shards_push_out_no_others()
    {
        await using var run = await StagedRun.StartAsync();
        run.Begin("a");
        await VisitAsync(run, async page =>
        {
            for (int batch = 0; batch < 4; batch++)
            {
                for (int i = 0; i < 150; i++)
                {
                    run.Assign(i, "a", attempt: batch);
                }

                run.Run.Tell("debug", () => $"end of batch {batch}");
                await Assertions.Expect(page.Locator("#log-lines li").Last).ToContainTextAsync($"end of batch {batch}");
            }

            await Assertions.Expect(page.Locator("#log-lines li[data-level=debug]")).ToHaveCountAsync(200);
            await Assertions.Expect(page.Locator("#log-lines li").First).ToContainTextAsync("run started");
        });
    }

    private static ILocator Row(IPage page, string worker) =>
        page.Locator("#worker-rows tr").Filter(new() { Has = page.GetByRole(AriaRole.Cell, new() { Name = worker, Exact = true }) });

    private static string Report()
    {
        var page = new Page { Title = "Report of predictions/", Kind = "report" };
        page.Section("loss", "Loss", "Loss", html => html.Write($"<p>1.2534871</p>"));
        using var stream = new MemoryStream();
        page.Write(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private Task VisitAsync(StagedRun run, Func<IPage, Task> act) => VisitAsync(run, View.Wide, act);

    private Task VisitAsync(StagedRun run, View view, Func<IPage, Task> act) => chromium.VisitAsync(run.Url.AbsoluteUri, view, act);
}
