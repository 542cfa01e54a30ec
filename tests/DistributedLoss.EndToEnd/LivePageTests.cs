using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using DistributedLoss.Http.Tests.Server;

namespace DistributedLoss.EndToEnd;

/// <summary>The live page of a real run, from the line that says where it is to the report.</summary>
public sealed class LivePageTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Files = 60;
    private const int RowsPerFile = 2000;
    private const string Announcement = "live page: ";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Deadline };
    private readonly CancellationTokenSource _deadline = new(Deadline);

    public LivePageTests() => LinkedDump.Write(_folder, Files, RowsPerFile);

    public void Dispose()
    {
        _deadline.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_viewer_sees_the_run_move_and_gets_the_report_before_the_process_ends()
    {
        await using var held = new HeldFile(await File.ReadAllBytesAsync(_folder.PathOf("dump.parquet")));
        using var run = Dloss.Start(HeldFile.Environment, "evaluate", _folder.PathOf("links"), held.Url, "--workers", "1", "--http", "0", "--format", "json");
        var page = await AnnouncedAsync(run);
        Assert.Contains(_folder.PathOf("links"), await _client.GetStringAsync(page), StringComparison.Ordinal);
        string report;
        JsonNode last;
        var seen = new List<long>();
        using (var events = await OpenAsync(page))
        {
            do
            {
                last = await events.NextAsync("state", _deadline.Token);
                seen.Add(last["rows"]!["done"]?.GetValue<long>() ?? 0);
                if (seen[^1] > 0)
                {
                    held.Release();
                }
            }
            while (!last["ended"]!.GetValue<bool>());
            report = await _client.GetStringAsync(new Uri(page, "report"));
        }

        var outcome = run.Wait();
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal(seen.Order(), seen);
        Assert.Contains(seen, rows => rows is > 0 and < (Files + 1) * RowsPerFile);
        Assert.Equal((Files + 1) * RowsPerFile, seen[^1]);
        Assert.Equal("finished", last["state"]!.GetValue<string>());
        Assert.Equal(outcome.Mean, last["loss"]!["mean"]!.GetValue<double>());
        var interval = outcome.Json.GetProperty("loss").GetProperty("ci95");
        Assert.Equal(interval[0].GetDouble(), last["loss"]!["low"]!.GetValue<double>());
        Assert.Equal(interval[1].GetDouble(), last["loss"]!["high"]!.GetValue<double>());
        Assert.Equal(outcome.Json.GetProperty("accuracy").GetProperty("top1").GetDouble(), last["loss"]!["top1"]!.GetValue<double>());
        Assert.Contains(outcome.Digest, report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stays_until_it_is_interrupted_where_it_is_told_to_and_the_exit_code_is_the_runs()
    {
        using var run = Dloss.Start(NoVariables, "evaluate", _folder.PathOf("links/0000.parquet"), "--http", "0", "--http-stay", "--format", "json", "--fail-above", "loss.mean=0");
        var page = await AnnouncedAsync(run, until: "dloss: the page stays at ");
        using (var events = await OpenAsync(page))
        {
            Assert.Equal("finished", (await events.NextAsync("state", _deadline.Token))["state"]!.GetValue<string>());
            Assert.Contains((await events.NextAsync("log", _deadline.Token)).AsArray(), l => l!["text"]!.GetValue<string>().StartsWith("threshold missed", StringComparison.Ordinal));
        }

        Assert.StartsWith("<!DOCTYPE html>", await _client.GetStringAsync(new Uri(page, "report")), StringComparison.Ordinal);
        Assert.Equal(0, Kill(run.Id, Interrupt));
        var outcome = run.Wait();
        Assert.True(outcome.ExitCode == 5, outcome.ToString());
        Assert.Equal(RowsPerFile, outcome.Json.GetProperty("rows").Count("total"));
    }

    [Fact]
    public async Task A_viewer_is_told_why_a_run_failed()
    {
        byte[] torn = await File.ReadAllBytesAsync(_folder.PathOf("dump.parquet"));
        torn.AsSpan(2000, 200).Fill(0x55);
        await using var held = new HeldFile(torn);
        using var run = Dloss.Start(HeldFile.Environment, "evaluate", _folder.PathOf("links"), held.Url, "--workers", "1", "--http", "0");
        var page = await AnnouncedAsync(run);
        JsonNode last;
        using (var events = await OpenAsync(page))
        {
            held.Release();
            do
            {
                last = await events.NextAsync("state", _deadline.Token);
            }
            while (!last["ended"]!.GetValue<bool>());
        }

        var outcome = run.Wait();
        Assert.Equal(3, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Equal(("failed", false), (last["state"]!.GetValue<string>(), last["report"]!.GetValue<bool>()));
        Assert.Equal(outcome.ErrorLines[^1], $"dloss: error: {last["reason"]!.GetValue<string>()}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task For_others_than_this_machine_it_makes_a_token_and_tells_it_once(bool json)
    {
        string log = _folder.PathOf("run.log");
        string[] logging = json ? ["--log-format", "json"] : ["--log-file", log];
        using var run = Dloss.Start(NoVariables, ["evaluate", _folder.PathOf("links/0000.parquet"), "--http", "0.0.0.0:0", "--http-stay", .. logging]);
        var announced = await AnnouncedAsync(run, until: json ? "RunFinished" : "dloss: the page stays at ");
        Assert.StartsWith("?token=", announced.Query, StringComparison.Ordinal);
        string token = announced.Query["?token=".Length..];
        var page = new Uri($"http://127.0.0.1:{announced.Port}/");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(page, null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(page, token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(new Uri(page, "healthz"), null)).StatusCode);
        Assert.Equal(0, Kill(run.Id, Interrupt));
        var outcome = run.Wait();
        Assert.Equal(0, outcome.ExitCode);
        Assert.Single(outcome.ErrorLines, l => l.Contains(token, StringComparison.Ordinal));
        if (!json)
        {
            Assert.DoesNotContain(token, await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0.0.0.0:0", false)]
    [InlineData("0", true)]
    public async Task A_token_of_the_environment_is_asked_for_everywhere_and_printed_nowhere(string address, bool inFile)
    {
        const string Token = "chosen-by-somebody";
        var variables = inFile
            ? new Dictionary<string, string> { ["DLOSS_HTTP_TOKEN_FILE"] = _folder.Write("token", [.. "chosen-by-somebody\n"u8]) }
            : new Dictionary<string, string> { ["DLOSS_HTTP_TOKEN"] = Token };
        using var run = Dloss.Start(variables, "evaluate", _folder.PathOf("links/0000.parquet"), "--http", address, "--http-stay", "--log-level", "debug");
        var page = new Uri($"http://127.0.0.1:{(await AnnouncedAsync(run)).Port}/");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(page, null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(page, Token)).StatusCode);
        Assert.Equal(0, Kill(run.Id, Interrupt));
        Assert.DoesNotContain(Token, run.Wait().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_query_of_a_url_is_not_on_the_page()
    {
        using var run = Dloss.Start(NoVariables, "evaluate", "http://127.0.0.1:1/dump.parquet?signature=key-to-it", "--http", "0", "--http-stay");
        var page = await AnnouncedAsync(run);
        string html = await _client.GetStringAsync(page);
        Assert.Contains("http://127.0.0.1:1/dump.parquet", html, StringComparison.Ordinal);
        Assert.DoesNotContain("key-to-it", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "--http-stay: nothing is served that could stay; give --http PORT", "--http-stay")]
    [InlineData("a b", "", "DLOSS_HTTP_TOKEN: holds no token; a token is one or more printable ASCII characters, without spaces", "--http", "0")]
    [InlineData("a", "b", "DLOSS_HTTP_TOKEN and DLOSS_HTTP_TOKEN_FILE are both set; set one of them", "--http", "0")]
    [InlineData("", "/no/such/file", "DLOSS_HTTP_TOKEN_FILE=/no/such/file: cannot be read: ", "--http", "0")]
    public void What_cannot_be_used_is_a_usage_error(string token, string file, string error, params string[] options)
    {
        var variables = new Dictionary<string, string> { ["DLOSS_HTTP_TOKEN"] = token, ["DLOSS_HTTP_TOKEN_FILE"] = file };
        var outcome = Dloss.Run(variables, ["evaluate", _folder.PathOf("links/0000.parquet"), .. options]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.StartsWith($"dloss: error: {error}", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);

    /// <param name="until">What a line behind the one that names the page has, and is waited for; null to wait for none.</param>
    private static async Task<Uri> AnnouncedAsync(Dloss.Running run, string? until = null)
    {
        Uri? page = null;
        await run.Until(line => (page ??= PageOf(line)) is not null && (until is null || line.Contains(until, StringComparison.Ordinal)));
        return page!;
    }

    private static Uri? PageOf(string line)
    {
        if (line.StartsWith(Announcement, StringComparison.Ordinal))
        {
            return new Uri(line[Announcement.Length..]);
        }

        if (!line.Contains("\"HttpListening\"", StringComparison.Ordinal))
        {
            return null;
        }

        using var json = JsonDocument.Parse(line);
        return new Uri(json.RootElement.GetProperty("page").GetString()!);
    }

    private Task<EventReader> OpenAsync(Uri page) => EventReader.OpenAsync(_client, new Uri(page, "events"));

    private async Task<HttpResponseMessage> AskAsync(Uri url, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _deadline.Token);
    }
}
