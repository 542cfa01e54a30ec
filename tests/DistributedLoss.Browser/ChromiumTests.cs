using Xunit.Sdk;

namespace DistributedLoss.Browser;

/// <summary>What every visit looks out for is seen.</summary>
[Collection(Chromium.Collection)]
public class ChromiumTests(Chromium chromium)
{
    [BrowserTheory]
    [InlineData("<img src='http://127.0.0.1:9/x'>", "request: http://127.0.0.1:9/x")]
    [InlineData("<link rel=stylesheet href=elsewhere.css>", "request: file://")]
    [InlineData("<script>console.error('wrong')</script>", "console: wrong")]
    [InlineData("<script>throw new Error('thrown')</script>", "error: Error: thrown")]
    [InlineData("<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\"><script>x</script>", "console: ")]
    [InlineData("<div style='width:2000px'>x</div>", "wider than the window")]
    public async Task A_visit_fails_on(string body, string trouble)
    {
        string name = $"trouble-{trouble.Length}.html";
        await File.WriteAllTextAsync(Artifacts.File(name), $"<!DOCTYPE html><link rel=icon href='data:,'><body>{body}");
        var failure = await Assert.ThrowsAsync<TrueException>(() => chromium.VisitAsync(Artifacts.Url(name), View.Wide, _ => Task.CompletedTask));
        Assert.Contains(trouble, failure.Message, StringComparison.Ordinal);
    }
}
