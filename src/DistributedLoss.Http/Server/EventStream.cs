using System.Text;
using DistributedLoss.Http.Live;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistributedLoss.Http.Server;

/// <summary>
/// A run as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): <c>state</c>, the whole of it each time; <c>log</c>, the
/// lines since the last; <c>end</c>, once, when nothing more comes. A viewer that reads slowly gets fewer states: nothing waits for it here but the
/// one that is being sent.
/// </summary>
internal sealed class EventStream(LiveRun run, Viewers viewers)
{
    private const string Retry = "retry: 1000\n\n";

    /// <param name="stop">The server ends.</param>
    public async Task ServeAsync(HttpContext context, CancellationToken stop)
    {
        var response = context.Response;
        if (!viewers.TryEnter())
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync($"503: {Viewers.Most} viewers watch already\n", stop);
            return;
        }

        try
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            response.ContentType = "text/event-stream; charset=utf-8";
            await SendAsync(response, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            // The viewer left, or the run is over.
        }
        finally
        {
            viewers.Leave();
        }
    }

    private async Task SendAsync(HttpResponse response, CancellationToken cancel)
    {
        await response.WriteAsync(Retry, cancel);
        LiveState? sent = null;
        long lastLine = 0;
        while (true)
        {
            var text = new StringBuilder();
            var state = run.State();
            if (!ReferenceEquals(state, sent))
            {
                Append(text, "state", state.Json);
            }

            var (lines, last) = run.LogAfter(lastLine);
            if (lines is not null)
            {
                Append(text, "log", lines.ToJsonString());
                lastLine = last;
            }

            if (state.HasEnded && sent?.HasEnded != true)
            {
                Append(text, "end", "{}");
            }

            sent = state;
            if (text.Length > 0)
            {
                await response.WriteAsync(text.ToString(), cancel);
                await response.Body.FlushAsync(cancel);
            }

            await Task.Delay(LiveRun.Interval, cancel);
        }
    }

    // JSON has no line breaks, which would end a field.
    private static void Append(StringBuilder text, string name, string json) => text.Append("event: ").Append(name).Append("\ndata: ").Append(json).Append("\n\n");
}
