using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace DistributedLoss.Http.Server;

/// <summary>Asks a <see cref="StatusServer"/> of this machine for its <c>/healthz</c>.</summary>
public static class HealthProbe
{
    // A report is some hundreds of bytes; who else answers there may send what he likes.
    private const int MaxReportBytes = 64 << 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <param name="listens">Where the server listens; every interface is asked for at the loopback one.</param>
    /// <param name="limit">For the answer; 5 s where null.</param>
    /// <returns>The server's report, and in one line what is wrong: with it, or with asking for it; null while nothing is.</returns>
    public static async Task<(string Report, string? Trouble)> AskAsync(IPEndPoint listens, CancellationToken cancel, TimeSpan? limit = null)
    {
        var patience = limit ?? Limit;
        var url = new Uri($"http://{Reachable(listens)}/healthz");
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = patience };
        using var client = new HttpClient(handler) { Timeout = patience, MaxResponseContentBufferSize = MaxReportBytes };
        try
        {
            using var response = await client.GetAsync(url, cancel);
            string report = await response.Content.ReadAsStringAsync(cancel);
            return (report, response.StatusCode switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.ServiceUnavailable when TroubleOf(report) is { } trouble => $"{url}: {trouble}",
                var status => $"{url}: answers {(int)status}, as no dloss would; ask where a dloss runs with --http",
            });
        }
        catch (HttpRequestException e)
        {
            string reason = e.InnerException is SocketException socket ? socket.Message : e.Message;
            return ("", $"{url}: {reason.TrimEnd('.')}; ask where a dloss runs with --http");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ("", $"{url}: no answer within {patience.TotalSeconds:0.#} s");
        }
    }

    private static IPEndPoint Reachable(IPEndPoint listens) => new(
        listens.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listens.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listens.Address,
        listens.Port);

    private static string? TroubleOf(string report)
    {
        try
        {
            using var json = JsonDocument.Parse(report);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("trouble", out var trouble) && trouble.ValueKind == JsonValueKind.String
                ? trouble.GetString()!.ReplaceLineEndings(" ")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
