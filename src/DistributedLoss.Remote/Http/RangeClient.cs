using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;

namespace DistributedLoss.Remote.Http;

/// <summary>
/// Parts of files over HTTP, whole and as asked for, or an error: what stalls is cut, what breaks is taken up where it broke, what fails is tried again
/// with growing pauses, and every answer is held against the question and against the first answer.
/// </summary>
internal sealed class RangeClient(RemoteSettings settings) : IDisposable
{
    private const int MostRedirects = 5;

    // Of what a server says with a refusal.
    private const int MostRefusalBytes = 4 << 10;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = settings.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    public RemoteSettings Settings => settings;

    public void Dispose() => _http.Dispose();

    /// <summary>The end of a file, and what the file is.</summary>
    /// <param name="count">Most bytes; a smaller file comes whole.</param>
    /// <exception cref="ParquetException">The server refuses.</exception>
    /// <exception cref="SourceUnavailableException">All attempts failed.</exception>
    public async Task<(FileIdentity Identity, byte[] Tail)> ReadTailAsync(RemoteObject file, int count, CancellationToken cancel)
    {
        var transfer = new Transfer(-count, new byte[count], null);
        await RunAsync(file, transfer, cancel);
        var identity = transfer.Identity!;
        // Servers that do not count from the end were asked for the first bytes; with the length, the right question can be asked.
        if (transfer.Done < Math.Min(count, identity.Length))
        {
            int bytes = (int)Math.Min(count, identity.Length);
            transfer = new Transfer(identity.Length - bytes, transfer.Target[..bytes], identity);
            await RunAsync(file, transfer, cancel);
        }

        return (identity, transfer.Target[..transfer.Done].ToArray());
    }

    /// <summary>Fills <paramref name="target"/> with the bytes from <paramref name="from"/> on, all of which are inside the file.</summary>
    /// <param name="identity">From the first answer.</param>
    /// <exception cref="ParquetException">The server refuses, or has another file by now.</exception>
    /// <exception cref="SourceUnavailableException">All attempts failed.</exception>
    public Task ReadAsync(RemoteObject file, FileIdentity identity, long from, Memory<byte> target, CancellationToken cancel) =>
        RunAsync(file, new Transfer(from, target, identity), cancel);

    private async Task RunAsync(RemoteObject file, Transfer transfer, CancellationToken cancel)
    {
        int failures = 0;
        for (int attempts = 1; !transfer.IsDone; attempts++)
        {
            int before = transfer.Done;
            try
            {
                await AttemptAsync(file, transfer, cancel);
            }
            catch (TransientException e)
            {
                failures = transfer.Done - before >= RemoteSettings.LeastProgress ? 1 : failures + 1;
                if (failures > settings.Retries || e.RetryAfter > RemoteSettings.MaxWait)
                {
                    string wait = e.RetryAfter > RemoteSettings.MaxWait ? $", and asks to wait {e.RetryAfter.TotalSeconds:0} seconds" : "";
                    throw new SourceUnavailableException($"the server failed {attempts} times, the last time with {e.Message}{wait}; try again later, or check the network", e);
                }

                await Task.Delay(Backoff(failures, e.RetryAfter), cancel);
            }
        }
    }

    private async Task AttemptAsync(RemoteObject file, Transfer transfer, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(settings.Timeout);
        try
        {
            using var response = await SendAsync(file, transfer, patience.Token);
            if (response.StatusCode != HttpStatusCode.PartialContent)
            {
                await RefuseAsync(file, transfer, response, patience.Token);
                return;
            }

            if (transfer.From < 0 && RangeAnswer.IsFromTheFront(response, transfer.From))
            {
                transfer.AskForTheFirstBytes();
                return;
            }

            var (identity, _, count) = RangeAnswer.Check(response, file, transfer.From, transfer.Left, transfer.Identity);
            transfer.Begin(identity, count);
            await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            int sinceProgress = 0;
            while (!transfer.IsDone)
            {
                int read = await body.ReadAsync(transfer.Rest, patience.Token);
                if (read == 0)
                {
                    throw new TransientException($"an answer that ends {transfer.Left} bytes early");
                }

                transfer.Done += read;
                sinceProgress += read;
                if (sinceProgress >= RemoteSettings.LeastProgress)
                {
                    patience.CancelAfter(settings.Timeout);
                    sinceProgress = 0;
                }
            }

            // Also what lets the connection serve the next request.
            if (await body.ReadAsync(new byte[1], patience.Token) != 0)
            {
                transfer.Done = 0;
                throw new TransientException("an answer longer than it says");
            }
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TransientException($"no answer, or next to nothing of one, within {settings.Timeout.TotalSeconds:0.#} seconds", e);
        }
        catch (HttpRequestException e)
        {
            throw Explain(file, e);
        }
        catch (IOException e) when (e is not TransientException)
        {
            throw new TransientException($"a connection that broke ({Reason(e)})", e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(RemoteObject file, Transfer transfer, CancellationToken cancel)
    {
        var origin = file.Address();
        // Where it was the last time, until that place knows it no more.
        if (file.Landing is { } landing)
        {
            var response = await AskAsync(file, origin, landing, transfer, cancel);
            if (response.StatusCode == HttpStatusCode.PartialContent || RangeAnswer.IsPassing(response.StatusCode))
            {
                return response;
            }

            file.Landing = null;
            response.Dispose();
        }

        var address = origin;
        for (int redirects = 0; ; redirects++)
        {
            var response = await AskAsync(file, origin, address, transfer, cancel);
            if (!file.FollowsRedirects || !IsRedirect(response.StatusCode) || response.Headers.Location is not { } target)
            {
                file.Landing = redirects > 0 && response.StatusCode == HttpStatusCode.PartialContent ? address : null;
                return response;
            }

            response.Dispose();
            var next = new Uri(address, target);
            if (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            {
                throw new ParquetException($"the server sends us on from {address.Scheme} to {next.Scheme}, which is less safe; name the file where it is", file.Path);
            }

            if (redirects == MostRedirects)
            {
                throw new ParquetException($"the server sends us on more than {MostRedirects} times; name the file where it is", file.Path);
            }

            address = next;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(RemoteObject file, Uri origin, Uri address, Transfer transfer, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11 };
        request.Headers.Range = transfer.From >= 0 ? new(transfer.From, transfer.From + transfer.Left - 1) : new(null, -transfer.From);
        request.Headers.AcceptEncoding.Add(new("identity"));
        request.Headers.UserAgent.Add(new("dloss", null));
        transfer.Identity?.Demand(request.Headers);
        if (Uri.Compare(address, origin, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0)
        {
            request.Headers.Authorization = file.Authorization;
        }

        return await _http.SendAsync(request, cancel);
    }

    private static async Task RefuseAsync(RemoteObject file, Transfer transfer, HttpResponseMessage response, CancellationToken cancel)
    {
        var status = response.StatusCode;
        if (RangeAnswer.IsPassing(status))
        {
            throw new TransientException($"HTTP {(int)status}") { RetryAfter = RangeAnswer.RetryAfter(response, TimeProvider.System) };
        }

        if (transfer.Identity is null && transfer.From < 0)
        {
            // An empty file has no last byte; and not every server knows how to count from the end.
            if (status == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange is { HasRange: false, Length: 0 })
            {
                transfer.Begin(new FileIdentity(0, response.Headers.ETag, response.Content.Headers.LastModified), 0);
                return;
            }

            if (status is HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.BadRequest or HttpStatusCode.NotImplemented)
            {
                transfer.AskForTheFirstBytes();
                return;
            }
        }

        throw status switch
        {
            HttpStatusCode.PreconditionFailed when transfer.Identity is not null => RangeAnswer.Changed(file, "the server has another content"),
            HttpStatusCode.RequestedRangeNotSatisfiable when transfer.Identity is not null => RangeAnswer.Changed(file, "it has become shorter"),
            HttpStatusCode.OK => new ParquetException("the server answers a request for a part with the whole file; download the file, or put it on a server that takes range requests", file.Path),
            _ => file.Refusal(response, await BeginningAsync(response, cancel)),
        };
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        byte[] bytes = new byte[MostRefusalBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, read);
    }

    private static Exception Explain(RemoteObject file, HttpRequestException e) => e switch
    {
        { InnerException: AuthenticationException inner } =>
            new ParquetException($"the server's certificate is not accepted: {Reason(inner)}; check it, or name a file of authorities with SSL_CERT_FILE", file.Path, inner: e),
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } => new ParquetException("no such host; check the URL", file.Path, inner: e),
        { InnerException: SocketException socket } => new TransientException($"no connection ({Reason(socket)})", e),
        _ => new TransientException($"an answer that is broken ({Reason(e)})", e),
    };

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static string Reason(Exception e) => e.Message.Split('\n')[0].TrimEnd().TrimEnd('.');

    // "Full jitter": many workers that failed together do not come back together.
    private TimeSpan Backoff(int failures, TimeSpan asked)
    {
        double most = Math.Min(settings.LastWait.TotalMilliseconds, 2 * settings.FirstWait.TotalMilliseconds * Math.Pow(2, failures - 1));
        double wait = Random.Shared.NextDouble() * most;
        return TimeSpan.FromMilliseconds(Math.Max(wait, asked.TotalMilliseconds));
    }
}
