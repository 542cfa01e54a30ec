using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using DistributedLoss.Http.Tests.Metrics;

namespace DistributedLoss.EndToEnd;

/// <summary>A running evaluation tells its health and its metrics over HTTP, where it is asked to.</summary>
public sealed class HttpTests : IDisposable
{
    private const int Terminate = 15;
    private const int Files = 60;
    private const int RowsPerFile = 2000;

    /// <summary>Of the links, and of one file behind a URL.</summary>
    private const int Rows = (Files + 1) * RowsPerFile;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = Deadline };

    /// <summary>Enough classes for a result that no pipe holds at once.</summary>
    public HttpTests()
    {
        LinkedDump.Write(_folder, Files, RowsPerFile);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Metrics_of_a_running_evaluation_go_up_to_all_rows_and_the_last_ones_are_of_the_finished_run()
    {
        var read = new TaskCompletionSource();
        await using var last = new HeldFile(await File.ReadAllBytesAsync(_folder.PathOf("dump.parquet")));
        using var run = Dloss.Start(
            HeldFile.Environment, read.Task, "evaluate", _folder.PathOf("links"), last.Url, "--workers", "1", "--format", "json", "--log-format", "json", "--http", "0");
        Uri? address = null;
        await run.Until(line => (address ??= Listening(line)) is not null);
        Assert.Equal("127.0.0.1", address!.Host);

        var seen = new List<double>();
        ScreenedMetrics page;
        using var deadline = new CancellationTokenSource(Deadline);
        do
        {
            page = new ScreenedMetrics(await _client.GetStringAsync(new Uri(address, "metrics"), deadline.Token));
            if (page.Has("dloss_rows_done"))
            {
                seen.Add(page["dloss_rows_done"]);
            }

            if (seen is [.., > 0])
            {
                last.Release();
            }
        }
        while (page["dloss_run_state{state=\"finished\"}"] == 0);

        Assert.Equal(seen.Order(), seen);
        Assert.Contains(seen, rows => rows is > 0 and < Rows);
        Assert.Equal(Rows, page["dloss_rows_planned"]);
        Assert.Equal(Rows, page["dloss_rows_done"]);
        Assert.Equal(page["dloss_shards_planned"], page["dloss_shards_done"]);
        Assert.Equal(page["dloss_shards_planned"], page["dloss_shard_duration_seconds_count"]);
        Assert.Equal(1, page["dloss_workers_joined_total"]);
        using var response = await _client.GetAsync(new Uri(address, "healthz"), deadline.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync(deadline.Token));
        Assert.Equal("finished", health.RootElement.GetProperty("state").GetString());

        read.SetResult();
        var outcome = run.Wait();
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var result = JsonDocument.Parse(outcome.Output);
        Assert.Equal(result.RootElement.GetProperty("loss").GetProperty("mean").GetDouble(), page["dloss_mean_loss"]);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync(new Uri(address, "healthz")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_loads_the_server_only_when_it_is_asked_for(bool http)
    {
        var read = new TaskCompletionSource();
        string[] options = ["evaluate", _folder.PathOf("links/0000.parquet"), "--format", "json", "--log-format", "json"];
        using var run = Dloss.Start(NoVariables, read.Task, http ? [.. options, "--http", "0"] : options);
        await run.Until(line => line.Contains("\"RunFinished\"", StringComparison.Ordinal));
        string mapped = await File.ReadAllTextAsync($"/proc/{run.Id}/maps");
        Assert.Contains("DistributedLoss.dll", mapped, StringComparison.Ordinal);
        Assert.Equal(http, mapped.Contains("DistributedLoss.Http.dll", StringComparison.Ordinal));
        Assert.Equal(http, mapped.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
        read.SetResult();
        Assert.Equal(0, run.Wait().ExitCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_4()
    {
        var read = new TaskCompletionSource();
        string[] options = ["evaluate", _folder.PathOf("links/0000.parquet"), "--format", "json"];
        using var first = Dloss.Start(NoVariables, read.Task, [.. options, "--log-format", "json", "--http", "0"]);
        Uri? address = null;
        await first.Until(line => (address ??= Listening(line)) is not null);
        var second = Dloss.Run([.. options, "--http", $"{address!.Port}"]);
        Assert.Equal(4, second.ExitCode);
        Assert.Empty(second.Output);
        Assert.Equal(
            $"dloss: error: --http {address.Port}: Failed to bind to address http://127.0.0.1:{address.Port}: address already in use; name a free port, or 0 for any",
            Assert.Single(second.ErrorLines));
        read.SetResult();
        Assert.Equal(0, first.Wait().ExitCode);
    }

    [Fact]
    public async Task A_worker_without_a_broker_is_unhealthy_after_the_limit_and_ends_when_it_is_asked_to()
    {
        // Of the ports below 1024, 1 is nobody's: tcpmux.
        var variables = new Dictionary<string, string>
        {
            ["DLOSS_http__awaySeconds"] = "1",
            ["DLOSS_BROKER_USER"] = "worker",
            ["DLOSS_BROKER_PASSWORD"] = "secret",
        };
        using var worker = Dloss.Start(
            variables, "worker", "--engine", "rabbitmq", "--broker", "amqp://127.0.0.1:1", "--http", "0", "--log-format", "json");
        Uri? address = null;
        await worker.Until(line =>
        {
            address ??= Listening(line);
            return line.Contains("\"BrokerAway\"", StringComparison.Ordinal);
        });
        var page = new ScreenedMetrics(await _client.GetStringAsync(new Uri(address!, "metrics")));
        Assert.Equal(0, page["dloss_connected"]);
        Assert.Equal(0, page["dloss_worker_rows_total"]);

        using var deadline = new CancellationTokenSource(Deadline);
        var code = HttpStatusCode.OK;
        string report = "";
        while (code == HttpStatusCode.OK)
        {
            using var response = await _client.GetAsync(new Uri(address!, "healthz"), deadline.Token);
            code = response.StatusCode;
            report = await response.Content.ReadAsStringAsync(deadline.Token);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        using var health = JsonDocument.Parse(report);
        Assert.Equal("worker", health.RootElement.GetProperty("role").GetString());
        Assert.Equal("disconnected", health.RootElement.GetProperty("state").GetString());
        Assert.StartsWith("no connection for ", health.RootElement.GetProperty("trouble").GetString(), StringComparison.Ordinal);

        Assert.Equal(0, Kill(worker.Id, Terminate));
        var outcome = worker.Wait();
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("secret", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_address_is_a_usage_error()
    {
        string[] options = ["evaluate", _folder.PathOf("links/0000.parquet")];
        var option = Dloss.Run([.. options, "--http", "somewhere:90"]);
        Assert.Equal(2, option.ExitCode);
        Assert.StartsWith("dloss: error: --http somewhere:90: not a port of this machine alone", Assert.Single(option.ErrorLines));
        var variable = Dloss.Run(new Dictionary<string, string> { ["DLOSS_http__listen"] = "somewhere:90" }, options);
        Assert.Equal(2, variable.ExitCode);
        Assert.StartsWith("dloss: error: configuration: http.listen is 'somewhere:90', not a port", Assert.Single(variable.ErrorLines));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);

    private static Uri? Listening(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("event").GetString() == "HttpListening" ? new Uri(json.RootElement.GetProperty("address").GetString()!) : null;
    }
}
