using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;
using DistributedLoss.Http.Tests.Metrics;

namespace DistributedLoss.Http.Tests.Server;

public sealed class StatusServerTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly FixedStatus _status = new();
    private readonly HttpClient _client = new() { Timeout = Deadline };
    private StatusServer _server = null!;

    public async Task InitializeAsync() => _server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), _status);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Health_is_200_or_503_with_one_line_of_json()
    {
        using var well = await GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, well.StatusCode);
        Assert.Equal("application/json", well.Content.Headers.ContentType!.MediaType);
        Assert.Equal("{\"healthy\":true,\"role\":\"test\"}\n", await well.Content.ReadAsStringAsync());

        _status.Trouble = "it \"hangs\"";
        using var ill = await GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ill.StatusCode);
        Assert.Equal("it \"hangs\"", JsonNode.Parse(await ill.Content.ReadAsStringAsync())!["trouble"]!.GetValue<string>());
    }

    [Fact]
    public async Task Metrics_are_those_of_the_status_and_of_the_process()
    {
        using var response = await GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var page = new ScreenedMetrics(await response.Content.ReadAsStringAsync());
        Assert.Equal(7, page["dloss_rows_done"]);
        Assert.InRange(page["process_resident_memory_bytes"], 1 << 20, 1L << 40);
        Assert.InRange(page["process_cpu_seconds_total"], 0.01, 1e6);
        Assert.InRange(page["process_start_time_seconds"], 1.7e9, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.True(page.Has("dotnet_gc_collections_total{gc_heap_generation=\"gen2\"}"));
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/x", HttpStatusCode.NotFound)]
    [InlineData("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/healthz", HttpStatusCode.MethodNotAllowed)]
    public async Task Anything_else_is_told_what_there_is(string method, string path, HttpStatusCode code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Address, path));
        using var response = await _client.SendAsync(request);
        Assert.Equal(code, response.StatusCode);
        Assert.Equal($"{(int)code}: GET /healthz or /metrics\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_head_request_has_the_length_and_no_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(_server.Address, "/healthz"));
        using var response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("{\"healthy\":true,\"role\":\"test\"}\n".Length, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Bytes_that_are_no_http_are_refused_and_others_are_served_on()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port);
        var stream = socket.GetStream();
        using var deadline = new CancellationTokenSource(Deadline);
        await stream.WriteAsync(Encoding.Latin1.GetBytes("\u00ff\u0000\u0001 no http\r\n\r\n"), deadline.Token);
        var answer = new MemoryStream();
        await stream.CopyToAsync(answer, deadline.Token);
        Assert.StartsWith("HTTP/1.1 400", Encoding.Latin1.GetString(answer.ToArray()), StringComparison.Ordinal);
        using var next = await GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_io_error_that_names_it()
    {
        var taken = await Assert.ThrowsAsync<IOException>(() => StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, _server.Address.Port), _status));
        Assert.Contains($"127.0.0.1:{_server.Address.Port}", taken.Message, StringComparison.Ordinal);
        // TEST-NET-1 (RFC 5737) is no address of this machine.
        await Assert.ThrowsAsync<IOException>(() => StatusServer.StartAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), _status));
    }

    [Fact]
    public async Task It_ends_although_clients_stay_connected_in_mid_request()
    {
        var server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), _status);
        var address = server.Address;
        using var idle = await _client.GetAsync(new Uri(address, "/healthz"));
        using var half = new TcpClient();
        await half.ConnectAsync(IPAddress.Loopback, address.Port);
        await half.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost"u8.ToArray());
        await server.DisposeAsync().AsTask().WaitAsync(Deadline);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync(new Uri(address, "/healthz")));
    }

    private Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(_server.Address, path));

    private sealed class FixedStatus : IProcessStatus
    {
        public string? Trouble { get; set; }

        public HealthReport Health() => new(Trouble, new JsonObject { ["role"] = "test" });

        public IReadOnlyList<MetricFamily> Metrics() => [MetricFamily.Gauge("dloss_rows_done", "Rows.", 7)];
    }
}
