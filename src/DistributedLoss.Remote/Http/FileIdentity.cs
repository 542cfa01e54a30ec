using System.Net.Http.Headers;

namespace DistributedLoss.Remote.Http;

/// <summary>What an answer says of the whole file. Two answers of one file agree in all of it.</summary>
/// <param name="Length">Bytes.</param>
internal sealed record FileIdentity(long Length, EntityTagHeaderValue? ETag, DateTimeOffset? Modified)
{
    /// <summary>Lets the server itself refuse another content; weak tags are no good for ranges (RFC 9110, 13.1.1).</summary>
    public void Demand(HttpRequestHeaders headers)
    {
        if (ETag is { IsWeak: false })
        {
            headers.IfMatch.Add(ETag);
        }
        else if (Modified is not null)
        {
            headers.IfUnmodifiedSince = Modified;
        }
    }

    /// <summary>What differs, from this to the other; null where nothing does.</summary>
    public string? Difference(FileIdentity other) =>
        Length != other.Length ? $"{Length} bytes then, {other.Length} now"
        : !Equals(ETag, other.ETag) ? "another entity tag"
        : Modified != other.Modified ? $"written {Modified:u} then, {other.Modified:u} now"
        : null;
}
