using System.Collections.Concurrent;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote;

/// <summary>
/// A URL as the user writes it, and as everything else sees it: the query of an http URL may be a signature, which is a key to the file for whoever
/// reads it. It stays in this process; paths in plans, logs, results and messages have <c>?...</c> in its place.
/// </summary>
internal static class RemotePath
{
    private const string HiddenQuery = "?...";

    // By the path without query: the whole URL.
    private static readonly ConcurrentDictionary<string, Uri> Queries = new(StringComparer.Ordinal);

    /// <summary>What an http URL is called from now on.</summary>
    /// <exception cref="ParquetException">It is no URL of a file.</exception>
    public static string Hide(string url)
    {
        var uri = Parse(url);
        string path = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        if (uri.Query.Length == 0)
        {
            return path;
        }

        path += HiddenQuery;
        if (url.EndsWith(HiddenQuery, StringComparison.Ordinal))
        {
            return path;
        }

        return Queries.GetOrAdd(path, uri) == uri
            ? path
            : throw new ParquetException("two URLs differ in their queries alone, which are not shown anywhere: their rows could not be told apart; give the files names of their own", path);
    }

    /// <summary>The URL to ask for, of a path from <see cref="Hide"/>.</summary>
    /// <exception cref="ParquetException">Its query was never known here.</exception>
    public static Uri Reveal(string path) =>
        !path.EndsWith(HiddenQuery, StringComparison.Ordinal) ? Parse(path)
        : Queries.TryGetValue(path, out var uri) ? uri
        : throw new ParquetException("the URL's query is a secret that is written down nowhere; name the file again, with its query", path);

    /// <summary>Whether a path stands for a URL that only this process knows.</summary>
    public static bool IsHidden(string path) => path.EndsWith(HiddenQuery, StringComparison.Ordinal) && !path.StartsWith("s3:", StringComparison.OrdinalIgnoreCase);

    /// <summary>As much of a URL as may be shown.</summary>
    public static string Shown(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static Uri Parse(string url)
    {
        int query = url.IndexOf('?', StringComparison.Ordinal);
        string shown = query < 0 ? url : url[..query] + HiddenQuery;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new ParquetException("this is no URL; write it as https://host/path", UserInfoIn(shown) ? "a URL with a user" : shown);
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new ParquetException($"a user or a password in a URL would be seen by many; leave it out, and give {RemoteSettings.AuthorizationVariable}", Shown(uri));
        }

        if (uri.Fragment.Length > 0)
        {
            throw new ParquetException("'#' begins a fragment, which no server is asked for; write %23 for a '#' in a name", shown);
        }

        return uri.AbsolutePath.EndsWith('/') ? throw new ParquetException("a folder cannot be listed over HTTP; name each file", shown)
            : uri.AbsolutePath.Contains('*') && query < 0 ? throw new ParquetException("names cannot be listed over HTTP, so that no pattern can be matched; name each file, or write %2A for a '*' in a name", shown)
            : uri;
    }

    private static bool UserInfoIn(string text) => text.Contains('@', StringComparison.Ordinal);
}
