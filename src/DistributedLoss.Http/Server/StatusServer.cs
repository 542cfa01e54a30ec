using System.Net;
using System.Text;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Metrics;
using DistributedLoss.Http.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DistributedLoss.Http.Server;

/// <summary>Serves <c>/healthz</c> and <c>/metrics</c> to everybody, and a run's page to those who may see it, until it is disposed.</summary>
public sealed class StatusServer : IAsyncDisposable
{
    // Requests are a line and a few headers, and take no body; a scraper holds one connection.
    private const int MaxConnections = 64;

    private const string PlainText = "text/plain; charset=utf-8";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    // A run that is over does not wait for a reader that is slow.
    private static readonly TimeSpan StopLimit = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication _app;
    private readonly Viewers _viewers;

    private StatusServer(WebApplication app, Viewers viewers) => (_app, _viewers) = (app, viewers);

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    /// <param name="run">What the page shows; null for no page.</param>
    /// <param name="token">What viewers must know; null only where <see cref="AccessToken.IsNeededAt"/> says that they need none.</param>
    /// <exception cref="IOException">The address is taken, not this machine's, or not allowed.</exception>
    public static async Task<StatusServer> StartAsync(IPEndPoint address, IProcessStatus status, LiveRun? run = null, AccessToken? token = null)
    {
        if (run is not null && token is null && AccessToken.IsNeededAt(address))
        {
            throw new ArgumentException($"a page at {address} needs a token", nameof(token));
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        // Signals are the program's, which ends the run first and the server then.
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopLimit);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            options.Listen(address);
        });
        var app = builder.Build();
        app.UseStatusCodePages(PlainText, $"{{0}}: GET {(run is null ? "" : "/, ")}/healthz or /metrics\n");
        app.MapMethods("/healthz", Reading, context => WriteHealthAsync(context, status));
        app.MapMethods("/metrics", Reading, context => WriteMetricsAsync(context, status));
        var viewers = new Viewers();
        if (run is not null)
        {
            new RunPages(run, new PageGuard(address, token), viewers).Map(app);
        }

        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
        {
            await app.DisposeAsync();
            if (e is System.Net.Sockets.SocketException socket)
            {
                throw new IOException(socket.Message, socket);
            }

            throw;
        }

        return new StatusServer(app, viewers);
    }

    /// <summary>Waits until nobody watches the run any more, and not beyond a limit.</summary>
    public async Task WaitForViewersAsync(TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            await _viewers.WhenNone().WaitAsync(limit, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // They were given their time.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Task WriteHealthAsync(HttpContext context, IProcessStatus status)
    {
        var health = status.Health();
        int code = health.Trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return WriteAsync(context, code, "application/json; charset=utf-8", health.ToJson() + "\n");
    }

    private static Task WriteMetricsAsync(HttpContext context, IProcessStatus status) =>
        WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, PrometheusText.Write([.. status.Metrics(), .. ProcessMetrics.Read()]));

    private static Task WriteAsync(HttpContext context, int code, string contentType, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Of a server that begins and ends with its caller's scope.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
