using System.Runtime.CompilerServices;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Remote.Http;
using DistributedLoss.Remote.Reading;
using DistributedLoss.Remote.Storage;

namespace DistributedLoss.Remote;

/// <summary>Files that URLs name: <c>https://</c>, <c>http://</c> and <c>s3://</c>.</summary>
public static class RemoteFiles
{
    /// <summary>Most bytes of one open file that are fetched ahead of its reader.</summary>
    public const int BytesAhead = 64 << 20;

    private const string S3Scheme = "s3://";

    private static readonly Lazy<RangeClient> Client = new(() => new RangeClient(RemoteSettings.Read(Environment.GetEnvironmentVariable)));

    private static readonly Lazy<S3Store> S3 = new(() => new S3Store(Environment.GetEnvironmentVariable));

    /// <summary>The files of one path, under the names that they have from now on: an http URL names one, s3 keys may have patterns, and a key that ends with <c>/</c> is searched like a directory.</summary>
    /// <exception cref="ParquetException">The path is no URL of a file, or nothing matches, or the store refuses to tell.</exception>
    /// <exception cref="SourceUnavailableException">The store does not answer.</exception>
    public static IReadOnlyList<string> Expand(string path, CancellationToken cancel) => IsS3(path) ? S3.Value.Expand(path, cancel) : [RemotePath.Hide(path)];

    /// <summary>Whether a path from <see cref="Expand"/> stands for a URL with a query: what can be read in this process alone.</summary>
    public static bool IsKnownHereAlone(string path) => RemotePath.IsHidden(path);

    /// <param name="path">From <see cref="Expand"/>.</param>
    /// <param name="readsAhead">Whether column chunks will be read as a whole; otherwise as little as possible is fetched.</param>
    /// <param name="mayWait">Asked several times a second while a request is waited for, as long as the file is open; false ends the wait. Null waits for as long as it takes.</param>
    /// <exception cref="ParquetException">The file is not there, or may not be read, or comes from a server that cannot send parts of it.</exception>
    /// <exception cref="SourceUnavailableException">The server does not answer.</exception>
    /// <exception cref="OperationCanceledException">It may not be waited for any longer.</exception>
    public static IByteSource Open(string path, bool readsAhead, Func<bool>? mayWait)
    {
        RemoteObject file = IsS3(path) ? S3.Value.Object(path) : new HttpObject(path, RemotePath.Reveal(path), Client.Value.Settings);
        return RemoteFile.Open(Client.Value, file, readsAhead, mayWait);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsS3(string path) => path.StartsWith(S3Scheme, StringComparison.OrdinalIgnoreCase);
}
