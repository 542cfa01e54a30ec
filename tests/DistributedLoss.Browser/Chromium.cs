using Microsoft.Playwright;

namespace DistributedLoss.Browser;

/// <summary>Debian's Chromium, driven by Playwright. Its own downloads are not used.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>The name of the collection of tests that share one browser, and run one at a time.</summary>
    public const string Collection = "Chromium";

    private const string Executable = "/usr/bin/chromium";

    /// <summary>Milliseconds, for hangs: Playwright's own limits, of 5 s for an expectation, are of a machine that does nothing else.</summary>
    private const float Deadline = 180_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why tests that need a browser do not run here; null where they do.</summary>
    public static string? Missing { get; } = File.Exists(Executable) ? null : $"Chromium is not installed ({Executable}): apt-get install chromium";

    public async Task InitializeAsync()
    {
        if (Missing is null)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Timeout = Deadline });
            Assertions.SetDefaultExpectTimeout(Deadline);
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>
    /// Opens a page, does something there, and asserts what holds of every page of ours: no error, no request to anywhere but where the page came from,
    /// and nothing wider than the window.
    /// </summary>
    /// <param name="url">file:// or http://127.0.0.1.</param>
    /// <param name="expected">What a console message that must not fail the visit begins with; null for none.</param>
    public async Task VisitAsync(string url, View view, Func<IPage, Task> act, string? expected = null)
    {
        await using var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = view.Width, Height = view.Height },
            ColorScheme = view.Dark ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = view.Script,
        });
        context.SetDefaultTimeout(Deadline);
        var page = await context.NewPageAsync();
        var troubles = new List<string>();
        var from = new Uri(url);
        page.Console += (_, message) => Note(message.Type is "error" or "warning" && !(expected is not null && message.Text.StartsWith(expected, StringComparison.Ordinal)), $"console: {message.Text}");
        page.PageError += (_, error) => Note(true, $"error: {error}");
        page.Request += (_, request) => Note(Leaves(from, new Uri(request.Url)), $"request: {request.Url}");
        await page.GotoAsync(url);
        await act(page);
        int wider = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Note(wider > 0, $"the page is {wider} px wider than the window of {view.Width}");
        lock (troubles)
        {
            Assert.True(troubles.Count == 0, $"{url}\n{string.Join('\n', troubles)}");
        }

        void Note(bool isTrouble, string text)
        {
            if (isTrouble)
            {
                lock (troubles)
                {
                    troubles.Add(text);
                }
            }
        }
    }

    private static bool Leaves(Uri page, Uri request) => request.Scheme switch
    {
        "data" => false,
        "file" => request.AbsolutePath != page.AbsolutePath,
        _ => request.GetLeftPart(UriPartial.Authority) != page.GetLeftPart(UriPartial.Authority),
    };
}

[CollectionDefinition(Chromium.Collection)]
public class TestsInChromium : ICollectionFixture<Chromium>;

/// <summary>How a page is looked at.</summary>
public sealed record View(int Width, bool Dark)
{
    public static View Wide { get; } = new(1280, Dark: false);

    public static View Narrow { get; } = new(375, Dark: false);

    public int Height { get; init; } = 900;

    public bool Script { get; init; } = true;

    public override string ToString() => $"{(Width > 600 ? "wide" : "narrow")}-{(Dark ? "dark" : "light")}";
}

/// <summary>A test that needs Chromium.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Missing;
}

/// <summary>Tests that need Chromium.</summary>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.Missing;
}
