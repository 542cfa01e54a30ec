using DistributedLoss.Http.Live;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DistributedLoss.Http.Server;

/// <summary><c>/</c>, a run's page; <c>/events</c>, what it shows; <c>/report</c>, the page of the run's result when there is one.</summary>
internal sealed class RunPages(LiveRun run, PageGuard guard, Viewers viewers)
{
    private const string Html = "text/html; charset=utf-8";

    private readonly Lazy<byte[]> _page = new(() => LivePage.Write(run.Title));
    private readonly EventStream _events = new(run, viewers);

    public void Map(WebApplication app)
    {
        app.MapGet("/", Guarded((context, _) => WriteAsync(context, _page.Value, "'none'")));
        app.MapGet("/events", Guarded(_events.ServeAsync));
        app.MapGet("/report", Guarded(WriteReportAsync));

        RequestDelegate Guarded(Func<HttpContext, CancellationToken, Task> serve) => async context =>
        {
            if (!await guard.AnswersAsync(context))
            {
                await serve(context, app.Lifetime.ApplicationStopping);
            }
        };
    }

    private Task WriteReportAsync(HttpContext context, CancellationToken stop)
    {
        if (run.ReadReport() is { } report)
        {
            return WriteAsync(context, report, "'self'");
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("404: no report: the run is not done\n", stop);
    }

    /// <param name="ancestors">Who may show the page within another. The rest of its policy the page has itself.</param>
    private static Task WriteAsync(HttpContext context, byte[] page, string ancestors)
    {
        context.Response.ContentType = Html;
        context.Response.ContentLength = page.Length;
        context.Response.Headers.ContentSecurityPolicy = $"frame-ancestors {ancestors}";
        return context.Response.Body.WriteAsync(page).AsTask();
    }
}
