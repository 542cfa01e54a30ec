using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace DistributedLoss.Http.Server;

/// <summary>Where the server listens: a port of this machine alone, unless an address is given outright.</summary>
public static class HttpAddress
{
    /// <param name="text"><c>PORT</c>, or <c>ADDRESS:PORT</c> with an IP address (IPv6 in brackets) or <c>localhost</c>; port 0 takes a free one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? address)
    {
        address = null;
        int colon = text.LastIndexOf(':');
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        string host = colon < 0 ? "localhost" : text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (host == "localhost")
        {
            address = new IPEndPoint(IPAddress.Loopback, port);
        }
        else if (IPAddress.TryParse(bracketed ? host[1..^1] : host, out var ip)
            && (bracketed ? ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 : IsDotted(host)))
        {
            address = new IPEndPoint(ip, port);
        }

        return address is not null;
    }

    // IPAddress.TryParse also takes "1" for 0.0.0.1.
    private static bool IsDotted(string host) => host.Count(c => c == '.') == 3;
}
