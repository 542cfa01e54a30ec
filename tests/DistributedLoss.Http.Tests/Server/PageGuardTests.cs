using System.Net;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Http.Tests.Server;

/// <summary>Who may see the page, its events and the report.</summary>
public sealed class PageGuardTests : IDisposable
{
    private const string Secret = "s3cret-of-the-run";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly LiveRun _run = new("dump/", TimeProvider.System);
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Deadline };

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("/", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/events", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/report", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/?token=s3cret", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/?token=", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/?token=s3cret-of-the-run", null, null, HttpStatusCode.Found)]
    [InlineData("/events?token=s3cret-of-the-run", null, null, HttpStatusCode.OK)]
    [InlineData("/report?token=s3cret-of-the-run", null, null, HttpStatusCode.OK)]
    [InlineData("/", "Bearer s3cret-of-the-run", null, HttpStatusCode.OK)]
    [InlineData("/", "bearer s3cret-of-the-run", null, HttpStatusCode.OK)]
    [InlineData("/", "Bearer s3cret-of-the-run2", null, HttpStatusCode.Unauthorized)]
    [InlineData("/", "Bearer ", null, HttpStatusCode.Unauthorized)]
    [InlineData("/", "Basic s3cret-of-the-run", null, HttpStatusCode.Unauthorized)]
    [InlineData("/events", "Bearer s3cret-of-the-run", null, HttpStatusCode.OK)]
    [InlineData("/", null, "s3cret-of-the-run", HttpStatusCode.Unauthorized)]
    [InlineData("/", null, "", HttpStatusCode.Unauthorized)]
    [InlineData("/healthz", null, null, HttpStatusCode.OK)]
    [InlineData("/metrics", null, null, HttpStatusCode.OK)]
    public async Task With_a_token_it_takes_the_token(string path, string? authorization, string? cookie, HttpStatusCode code)
    {
        foreach (var address in (IPAddress[])[IPAddress.Any, IPAddress.Loopback])
        {
            await using var server = await StartAsync(address, new AccessToken(Secret));
            using var request = Request(server, path);
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            if (cookie is not null)
            {
                request.Headers.Add("Cookie", $"dloss-{server.Address.Port}={cookie}");
            }

            using var response = await SendAsync(request);
            Assert.Equal(code, response.StatusCode);
            if (code == HttpStatusCode.Unauthorized)
            {
                Assert.Equal("Bearer realm=\"dloss\"", response.Headers.WwwAuthenticate.ToString());
                Assert.DoesNotContain(Secret, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_token_in_the_address_becomes_a_cookie_that_is_not_the_token()
    {
        await using var server = await StartAsync(IPAddress.Any, new AccessToken(Secret));
        using var request = Request(server, $"/?token={Secret}");
        using var response = await SendAsync(request);
        Assert.Equal("./", response.Headers.Location!.ToString());
        string set = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith($"dloss-{server.Address.Port}=", set, StringComparison.Ordinal);
        Assert.Contains("; httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Secret, set, StringComparison.Ordinal);
        foreach (string path in (string[])["/", "/events", "/report"])
        {
            using var next = Request(server, path);
            next.Headers.Add("Cookie", set.Split(';')[0]);
            using var page = await SendAsync(next);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
    }

    [Fact]
    public async Task A_link_on_another_site_leads_on_by_a_page_since_a_redirect_would_come_without_the_cookie()
    {
        await using var server = await StartAsync(IPAddress.Any, new AccessToken(Secret));
        using var request = Request(server, $"/?token={Secret}");
        Navigate(request, "cross-site");
        using var response = await SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Contains("url=./", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:1234", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:80", HttpStatusCode.OK)]
    [InlineData("127.8.9.1", HttpStatusCode.OK)]
    [InlineData("[::1]:5", HttpStatusCode.OK)]
    [InlineData("rebound.example:9090", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("192.0.2.1", HttpStatusCode.MisdirectedRequest)]
    public async Task On_this_machine_alone_it_is_asked_for_by_a_name_of_this_machine(string host, HttpStatusCode code)
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        foreach (string path in (string[])["/", "/events", "/report"])
        {
            using var request = Request(server, path);
            request.Headers.Host = host;
            using var response = await SendAsync(request);
            Assert.Equal(code, response.StatusCode);
        }
    }

    [Fact]
    public async Task Where_there_is_a_token_any_name_will_do()
    {
        await using var server = await StartAsync(IPAddress.Any, new AccessToken(Secret));
        using var request = Request(server, "/");
        request.Headers.Host = "build-7.example:9090";
        request.Headers.Add("Authorization", $"Bearer {Secret}");
        using var response = await SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Other_sites_are_refused(string header, string value)
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        foreach (string path in (string[])["/", "/events", "/report"])
        {
            using var request = Request(server, path);
            request.Headers.Add(header, value);
            using var response = await SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("none")]
    [InlineData("same-origin")]
    public async Task Other_sites_may_link_to_it(string site)
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        using var request = Request(server, "/");
        Navigate(request, site);
        using var response = await SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Its_own_origin_is_no_other_site()
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        using var request = Request(server, "/events");
        request.Headers.Add("Origin", server.Address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var response = await SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/", "frame-ancestors 'none'")]
    [InlineData("/report", "frame-ancestors 'self'")]
    public async Task Browsers_are_told_to_keep_it_to_itself(string path, string policy)
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        using var request = Request(server, path);
        using var response = await SendAsync(request);
        Assert.Equal(policy, response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task The_page_lets_in_nothing_but_what_is_in_it()
    {
        await using var server = await StartAsync(IPAddress.Loopback, token: null);
        string page = await _client.GetStringAsync(server.Address);
        Assert.Contains("default-src &#39;none&#39;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_for_others_without_a_token_is_not_served() =>
        await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(IPAddress.Any, token: null));

    [Fact]
    public void Random_tokens_are_long_and_differ()
    {
        string[] tokens = [.. Enumerable.Range(0, 100).Select(_ => AccessToken.Random().Text)];
        Assert.Equal(100, tokens.Distinct().Count());
        Assert.All(tokens, t => Assert.Equal(24, t.Length));
        Assert.All(tokens, t => Assert.Equal(t, Uri.EscapeDataString(t)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\n")]
    [InlineData("schlüssel")]
    public void What_fits_no_header_is_no_token(string text) => Assert.Throws<ArgumentException>(() => new AccessToken(text));

    private static HttpRequestMessage Request(StatusServer server, string path) =>
        new(HttpMethod.Get, new Uri($"http://127.0.0.1:{server.Address.Port}{path}"));

    private static void Navigate(HttpRequestMessage request, string site)
    {
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
    }

    private Task<StatusServer> StartAsync(IPAddress address, AccessToken? token)
    {
        _run.End(() => "report"u8.ToArray());
        return StatusServer.StartAsync(new IPEndPoint(address, 0), new CoordinatorStatus(TimeSpan.FromMinutes(5), TimeProvider.System), _run, token);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
}
