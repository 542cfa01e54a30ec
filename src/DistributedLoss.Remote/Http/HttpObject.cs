using System.Net;
using System.Net.Http.Headers;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Http;

/// <summary>A file that a web server has.</summary>
internal sealed class HttpObject : RemoteObject
{
    private readonly Uri _uri;

    /// <exception cref="ParquetException">There are credentials, which would cross the network in clear text, or that are no header.</exception>
    public HttpObject(string path, Uri uri, RemoteSettings settings)
        : base(path)
    {
        _uri = uri;
        // The host, then the header: a credential is for one server, whatever URLs are named.
        if (settings.Authorization?.Split(' ', 2) is not [var host, var text] || !host.Equals(uri.Authority, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)
        {
            throw new ParquetException($"{RemoteSettings.AuthorizationVariable} would be sent in clear text; use https://", path);
        }

        Authorization = AuthenticationHeaderValue.TryParse(text, out var header) && header.Parameter is not null
            ? header
            : throw new ParquetException($"{RemoteSettings.AuthorizationVariable} is no header behind the host, such as 'data.example Bearer TOKEN'", path);
    }

    public override bool FollowsRedirects => true;

    public override AuthenticationHeaderValue? Authorization { get; }

    public override Uri Address() => _uri;

    public override ParquetException Refusal(HttpResponseMessage response, string body) => Refused(response.StatusCode, response.StatusCode switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => $"no such file ({Status(response)}); check the URL",
        HttpStatusCode.Unauthorized => $"the server wants credentials ({Status(response)}); give {RemoteSettings.AuthorizationVariable}, as '{_uri.Authority} Bearer TOKEN'",
        HttpStatusCode.Forbidden => $"may not be read ({Status(response)}); check {RemoteSettings.AuthorizationVariable}, or whether a signed URL has expired",
        _ => $"the server refuses ({Status(response)}); check the URL",
    });

    private static string Status(HttpResponseMessage response) => $"HTTP {(int)response.StatusCode}";
}
