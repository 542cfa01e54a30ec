using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Http.Tests.Server;

public class HealthProbeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task A_server_that_is_well_is_told_as_it_says(string address)
    {
        await using var server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), new FixedStatus(null));
        var (report, trouble) = await HealthProbe.AskAsync(new IPEndPoint(IPAddress.Parse(address), server.Address.Port), CancellationToken.None, Deadline);
        Assert.Null(trouble);
        Assert.Equal("{\"healthy\":true}\n", report);
    }

    [Fact]
    public async Task A_server_that_is_ill_is_told_with_its_trouble()
    {
        await using var server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), new FixedStatus("no worker is there"));
        var (_, trouble) = await HealthProbe.AskAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port), CancellationToken.None, Deadline);
        Assert.Equal($"http://127.0.0.1:{server.Address.Port}/healthz: no worker is there", trouble);
    }

    [Fact]
    public async Task Nobody_there_is_told()
    {
        using var listener = Listen();
        var address = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        var (_, trouble) = await HealthProbe.AskAsync(address, CancellationToken.None, Deadline);
        Assert.StartsWith($"http://{address}/healthz: Connection refused", trouble, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", "answers 302")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nlater", "answers 503")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 13\r\n\r\n{\"trouble\":1}", "answers 503")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n", "")]
    [InlineData("\u0000\u0001\u0002 no http\r\n\r\n", "")]
    public async Task Whoever_else_listens_there_is_told_from_a_dloss(string answer, string named)
    {
        using var listener = Listen();
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(answer));
        });
        var (_, trouble) = await HealthProbe.AskAsync((IPEndPoint)listener.LocalEndpoint, CancellationToken.None, Deadline);
        await served.WaitAsync(Deadline);
        Assert.StartsWith($"http://{listener.LocalEndpoint}/healthz: {named}", trouble, StringComparison.Ordinal);
        Assert.EndsWith("; ask where a dloss runs with --http", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_takes_connections_and_says_nothing_is_not_waited_for()
    {
        using var listener = Listen();
        var (_, trouble) = await HealthProbe.AskAsync((IPEndPoint)listener.LocalEndpoint, CancellationToken.None, TimeSpan.FromSeconds(0.1)).WaitAsync(Deadline);
        Assert.Equal($"http://{listener.LocalEndpoint}/healthz: no answer within 0.1 s", trouble);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private sealed class FixedStatus(string? trouble) : IProcessStatus
    {
        public HealthReport Health() => new(trouble, []);

        public IReadOnlyList<MetricFamily> Metrics() => [];
    }
}
