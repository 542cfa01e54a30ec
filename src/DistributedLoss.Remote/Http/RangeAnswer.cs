using System.Net;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Http;

/// <summary>Holds an answer against what was asked for: nothing that a server says of its bytes is taken on trust.</summary>
internal static class RangeAnswer
{
    private static readonly TimeSpan NoWait = TimeSpan.Zero;

    /// <param name="from">First byte that was asked for; negative for the last <c>-from</c> bytes of the file.</param>
    /// <param name="count">Bytes that were asked for.</param>
    /// <param name="known">From the first answer; null before it.</param>
    /// <returns>Where the body begins in the file, and how long it is.</returns>
    /// <exception cref="TransientException">The answer is wrong in itself.</exception>
    /// <exception cref="ParquetException">It is about another file than the first was, or is encoded.</exception>
    public static (FileIdentity Identity, long From, int Count) Check(HttpResponseMessage response, RemoteObject file, long from, int count, FileIdentity? known)
    {
        var content = response.Content.Headers;
        if (content.ContentEncoding.Any(e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ParquetException("the server sends the file in another encoding than it has; switch its compression off for this file", file.Path);
        }

        if (content.ContentRange is not { Unit: "bytes", From: { } first, To: { } last, Length: { } length })
        {
            throw new TransientException("a part of the file without a Content-Range that says which");
        }

        var identity = new FileIdentity(length, response.Headers.ETag, content.LastModified);
        if (known?.Difference(identity) is { } difference)
        {
            throw Changed(file, difference);
        }

        long wantedFirst = from >= 0 ? from : Math.Max(0, length + from);
        long wantedLast = Math.Min(wantedFirst + count, length) - 1;
        if (first != wantedFirst || last != wantedLast)
        {
            throw new TransientException($"bytes {first} to {last} of {length}, where {wantedFirst} to {wantedLast} were asked for");
        }

        int bytes = (int)(last - first + 1);
        return content.ContentLength is { } said && said != bytes
            ? throw new TransientException($"{said} bytes in an answer that says bytes {first} to {last}")
            : (identity, first, bytes);
    }

    /// <summary>Whether a server took "the last 100 bytes" for "the first 100", or for another place: some do not count from the end.</summary>
    public static bool IsFromTheFront(HttpResponseMessage response, long from) =>
        response.Content.Headers.ContentRange is { From: { } first, Length: { } length } && first != Math.Max(0, length + from);

    public static ParquetException Changed(RemoteObject file, string difference) =>
        new($"the file changed while it was read: {difference}; run again when it is written", file.Path);

    /// <summary>Whether the same request may be answered in another way later (RFC 9110, 15.5.9 and 15.6; RFC 6585, 4).</summary>
    public static bool IsPassing(HttpStatusCode status) =>
        ((int)status >= 500 && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported)) || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425;

    public static TimeSpan RetryAfter(HttpResponseMessage response, TimeProvider clock) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
        _ => NoWait,
    };
}
