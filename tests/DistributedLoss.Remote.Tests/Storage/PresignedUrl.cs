using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DistributedLoss.Remote.Tests.Storage;

/// <summary>What a store does to verify a signed URL, written from Amazon's description ("Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"), apart from the SDK.</summary>
internal static class PresignedUrl
{
    private const string SignatureName = "X-Amz-Signature";

    /// <param name="target">Path and query, as they came.</param>
    /// <param name="host">Of the Host header.</param>
    /// <returns>Whether the query's signature is that of the secret, for a GET of this path and host.</returns>
    public static bool Holds(string target, string host, string secret)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
        {
            return false;
        }

        var query = target[(question + 1)..].Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        return query.TryGetValue(SignatureName, out string? signature) && Sign(target[..question], query, host, secret) == signature;
    }

    internal static string Sign(string path, IReadOnlyDictionary<string, string> query, string host, string secret)
    {
        string canonicalQuery = string.Join('&', query.Where(p => p.Key != SignatureName).Select(p => $"{p.Key}={p.Value}").Order(StringComparer.Ordinal));
        string request = $"GET\n{path}\n{canonicalQuery}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD";
        string[] scope = Uri.UnescapeDataString(query["X-Amz-Credential"]).Split('/')[1..];
        string text = $"AWS4-HMAC-SHA256\n{query["X-Amz-Date"]}\n{string.Join('/', scope)}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        byte[] key = scope.Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Seconds that it holds.</summary>
    public static int Lifetime(string target) =>
        int.Parse(target.Split("X-Amz-Expires=")[1].Split('&')[0], NumberStyles.None, CultureInfo.InvariantCulture);
}
