using DistributedLoss.EndToEnd;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.RabbitMq.Tests;
using Microsoft.Playwright;

namespace DistributedLoss.Browser.Live;

/// <summary>The page of real runs of the command, on one machine and on a cluster.</summary>
[Collection(Chromium.Collection)]
public sealed class RealRunTests(Chromium chromium) : IDisposable
{
    private const string Announcement = "live page: ";
    private const int Rows = 2000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task A_run_on_this_machine_moves_on_to_its_report()
    {
        string result = _folder.PathOf("result.json"), dump = LinkedDump.Write(_folder, 150, Rows);
        await using var last = new HeldFile(await File.ReadAllBytesAsync(_folder.PathOf("dump.parquet")));
        using var run = Dloss.Start(HeldFile.Environment, "evaluate", dump, last.Url, "--workers", "2", "--statistics", "all", "--http", "0", "--output", result);
        string url = await AnnouncedAsync(run);
        await chromium.VisitAsync(url, View.Wide, async page =>
        {
            await Assertions.Expect(page.Locator("#worker-rows tr")).ToHaveCountAsync(2);
            await page.WaitForFunctionAsync("() => { const p = parseInt(document.getElementById('percent').textContent); return p >= 10 && p < 100; }");
            int before = await PercentAsync(page);
            await page.ScreenshotAsync(new() { Path = Artifacts.File("live-real.png"), FullPage = true });
            last.Release();
            await page.WaitForFunctionAsync($"() => parseInt(document.getElementById('percent').textContent) > {before}");
            var report = page.FrameLocator("#report-view iframe");
            await Assertions.Expect(report.Locator("h1")).ToBeVisibleAsync();

            // It has all that it needs: the process ends, and what is shown stays.
            var outcome = await Task.Run(run.Wait);
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
            using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(result));
            await Assertions.Expect(report.Locator("body")).ToContainTextAsync(json.RootElement.GetProperty("digest").GetString()!);
            await page.ScreenshotAsync(new() { Path = Artifacts.File("live-real-report.png") });
            await page.ClickAsync("#report-back");
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Finished");
            await Assertions.Expect(page.Locator("#mean")).ToHaveTextAsync($"{json.RootElement.GetProperty("loss").GetProperty("mean").GetDouble():G6}");
            await page.ScreenshotAsync(new() { Path = Artifacts.File("live-real-finished.png"), FullPage = true });
        });
    }

    [BrowserAndBrokerFact]
    public async Task A_run_on_a_cluster_waits_for_workers_loses_one_and_is_done()
    {
        var broker = new Broker();
        await broker.InitializeAsync();
        try
        {
            string dump = LinkedDump.Write(_folder, 100, Rows);
            await using var last = new HeldFile(await File.ReadAllBytesAsync(_folder.PathOf("dump.parquet")));
            // That nothing moves is seen with the progress that is told.
            Dictionary<string, string> coordinator = new(Variables(broker, "coordinator")) { ["DLOSS_engine__progressSeconds"] = "1" };
            using var run = Dloss.Start(coordinator, "evaluate", dump, last.Url, "--engine", "rabbitmq", "--liveness", "2", "--http", "0");
            string url = await AnnouncedAsync(run);
            await chromium.VisitAsync(url, View.Wide, async page =>
            {
                await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Stalled");
                await Assertions.Expect(page.Locator("#reason")).ToContainTextAsync("no worker is there; start workers");
                using (StartWorker(broker))
                {
                    await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Running");
                    await page.WaitForFunctionAsync("() => parseInt(document.getElementById('percent').textContent) >= 3");
                }

                await Assertions.Expect(page.Locator("#worker-rows tr.lost")).ToHaveCountAsync(1);
                await Assertions.Expect(page.Locator("#worker-rows tr.lost")).ToContainTextAsync("left: not heard of for");
                await page.ScreenshotAsync(new() { Path = Artifacts.File("live-cluster-lost.png"), FullPage = true });
                last.Release();
                using var next = StartWorker(broker);
                await Assertions.Expect(page.FrameLocator("#report-view iframe").Locator("h1")).ToBeVisibleAsync();
                var outcome = await Task.Run(run.Wait);
                Assert.True(outcome.ExitCode == 0, outcome.ToString());
                await page.Keyboard.PressAsync("Escape");
                await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Finished");
                await page.ScreenshotAsync(new() { Path = Artifacts.File("live-cluster-finished.png"), FullPage = true });
            });
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    private static Dictionary<string, string> Variables(Broker broker, string role) =>
        ((string[])[BrokerSettings.UriVariable, BrokerSettings.UserVariable, BrokerSettings.PasswordVariable, BrokerSettings.PasswordFileVariable])
            .Where(name => broker.Variable(role, name) is not null)
            .Select(name => KeyValuePair.Create(name, broker.Variable(role, name)!))
            .Concat(HeldFile.Environment)
            .ToDictionary();

    private static Dloss.Running StartWorker(Broker broker) =>
        Dloss.Start(Variables(broker, "worker"), "worker", "--engine", "rabbitmq", "--liveness", "2", "--slots", "1");

    private static async Task<string> AnnouncedAsync(Dloss.Running run)
    {
        string? url = null;
        await run.Until(line => (url ??= line.StartsWith(Announcement, StringComparison.Ordinal) ? line[Announcement.Length..] : null) is not null);
        return url!;
    }

    private static async Task<int> PercentAsync(IPage page) => int.Parse((await page.TextContentAsync("#percent"))!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private sealed class BrowserAndBrokerFactAttribute : FactAttribute
    {
        public BrowserAndBrokerFactAttribute() => Skip = Chromium.Missing ?? Broker.Missing;
    }
}
