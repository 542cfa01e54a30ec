using System.Net;
using System.Net.Http.Headers;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Http;

/// <summary>One file behind HTTP, whatever the store: where to ask for it, and what a refusal means.</summary>
/// <param name="path">What messages call it.</param>
internal abstract class RemoteObject(string path)
{
    public string Path => path;

    /// <summary>Whether a redirection may be followed.</summary>
    public abstract bool FollowsRedirects { get; }

    /// <summary>Where the last redirection led; null where none did.</summary>
    public Uri? Landing { get; set; }

    /// <summary>Where to send the next request; signed for a while, where the store wants signatures.</summary>
    public abstract Uri Address();

    /// <summary>Sent to the host of <see cref="Address"/> alone.</summary>
    public virtual AuthenticationHeaderValue? Authorization => null;

    /// <summary>What a refusal means and what to do about it; asking again would not help.</summary>
    /// <param name="response">With its headers.</param>
    /// <param name="body">The beginning of what the server has to say: not to be shown as it is.</param>
    public abstract ParquetException Refusal(HttpResponseMessage response, string body);

    protected ParquetException Refused(HttpStatusCode status, string what) => new(what, path, inner: status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new FileNotFoundException(what),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new UnauthorizedAccessException(what),
        _ => null,
    });
}
