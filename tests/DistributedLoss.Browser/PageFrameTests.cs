using DistributedLoss.Reports.Html;

namespace DistributedLoss.Browser;

/// <summary>What all pages have in common.</summary>
[Collection(Chromium.Collection)]
public class PageFrameTests(Chromium chromium)
{
    private const string Hostile = "</title></style></script><script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">\u202e\0";

    [BrowserFact]
    public async Task A_name_that_is_markup_is_shown_as_it_is()
    {
        await chromium.VisitAsync(Written("hostile-frame.html", Hostile), View.Wide, async page =>
        {
            string shown = Hostile.Replace('\u202e', '\ufffd').Replace('\0', '\u2400');
            Assert.Equal(shown, await page.TitleAsync());
            Assert.Equal(shown, await page.TextContentAsync("h1"));
        });
    }

    [BrowserFact]
    public async Task The_theme_is_the_systems_until_it_is_chosen()
    {
        string url = Written("theme.html", "Theme");
        foreach (bool dark in (bool[])[false, true])
        {
            await chromium.VisitAsync(url, new View(800, dark), async page =>
            {
                Assert.Equal(dark, await IsDarkAsync());
                await page.ClickAsync("#theme");
                Assert.Equal("Theme: light", await page.TextContentAsync("#theme"));
                Assert.False(await IsDarkAsync());
                await page.ClickAsync("#theme");
                Assert.True(await IsDarkAsync());
                await page.ReloadAsync();
                Assert.Equal("Theme: dark", await page.TextContentAsync("#theme"));
                Assert.True(await IsDarkAsync());

                Task<bool> IsDarkAsync() => page.EvaluateAsync<bool>(
                    "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(c => c < 128)");
            });
        }
    }

    private static string Written(string name, string title)
    {
        var page = new Page { Title = title, Kind = "test" };
        page.Section("one", "One", title, html => html.Write($"<p>{title}</p>"));
        using var file = File.Create(Artifacts.File(name));
        page.Write(file);
        return Artifacts.Url(name);
    }
}
