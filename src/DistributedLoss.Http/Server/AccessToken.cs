using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace DistributedLoss.Http.Server;

/// <summary>What a viewer from elsewhere must know.</summary>
public sealed class AccessToken
{
    private const int RandomBytes = 18;

    // Digests are of one length: comparing them tells nothing of the token's.
    private readonly byte[] _digest;

    /// <param name="text">Printable ASCII without spaces: others do not fit a header.</param>
    /// <exception cref="ArgumentException">It is empty, or of other characters.</exception>
    public AccessToken(string text)
    {
        if (text.Length == 0 || text.Any(c => c is <= ' ' or > '~'))
        {
            throw new ArgumentException("a token is one or more printable ASCII characters, without spaces", nameof(text));
        }

        Text = text;
        _digest = Digest(text);
        Cookie = Convert.ToHexStringLower(Digest("dloss cookie " + text));
    }

    public string Text { get; }

    /// <summary>What a browser keeps in its place: fit for a cookie, and no token itself.</summary>
    public string Cookie { get; }

    public static AccessToken Random() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>Whether others than this machine's users may reach an address.</summary>
    public static bool IsNeededAt(IPEndPoint address) => !IPAddress.IsLoopback(address.Address);

    public bool Is(string? candidate) => candidate is not null && CryptographicOperations.FixedTimeEquals(Digest(candidate), _digest);

    public bool IsCookie(string? candidate) => candidate is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(candidate), Encoding.UTF8.GetBytes(Cookie));

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
