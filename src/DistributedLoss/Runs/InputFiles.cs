using System.Runtime.CompilerServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Remote;

namespace DistributedLoss.Runs;

/// <summary>How a file will be read. It decides nothing for one on a disk.</summary>
public enum Reading
{
    /// <summary>A few pages here and there: of a file behind a URL, little more than those is fetched.</summary>
    InParts,

    /// <summary>Column chunks from front to back: of a file behind a URL, they are fetched ahead.</summary>
    Through,
}

/// <summary>Opens the files of a dataset, on disks and behind URLs. What reads URLs is loaded with the first one.</summary>
public static class InputFiles
{
    /// <summary>Whether a path is a URL of a kind that is read: <c>https://</c>, <c>http://</c> or <c>s3://</c>.</summary>
    public static bool IsRemote(string path) =>
        path.Contains("://", StringComparison.Ordinal)
        && (path.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("s3://", StringComparison.OrdinalIgnoreCase));

    /// <summary>What tells two paths of one file to be one: on a disk the full path, else the URL.</summary>
    public static string FullPath(string path) => IsRemote(path) ? path : Path.GetFullPath(path);

    /// <summary>Whether a worker elsewhere could read the file under this path: not if it is a URL whose query only this process knows.</summary>
    public static bool IsShareable(string path) => !IsRemote(path) || IsRemoteShareable(path);

    /// <param name="path">From <see cref="InputPaths.Expand"/>.</param>
    /// <exception cref="ParquetException">The file cannot be opened, is no Parquet file, is damaged, or passes a limit.</exception>
    /// <exception cref="IOException">Behind a URL, nothing answers.</exception>
    /// <exception cref="OperationCanceledException">While nothing did.</exception>
    public static ParquetFile Open(string path, Reading reading, ReaderLimits? limits = null, CancellationToken cancel = default) =>
        Open(path, reading, cancel.CanBeCanceled ? () => !cancel.IsCancellationRequested : null, limits);

    /// <inheritdoc cref="Open(string, Reading, ReaderLimits?, CancellationToken)"/>
    /// <param name="mayWait">Asked several times a second while a network is waited for, as long as the file is open.</param>
    internal static ParquetFile Open(string path, Reading reading, Func<bool>? mayWait, ReaderLimits? limits = null) =>
        IsRemote(path) ? OpenRemote(path, reading, mayWait, limits) : ParquetFile.Open(path, limits);

    /// <summary>Most bytes of one open file that are held ahead of its reader: of files on disks none.</summary>
    public static long BytesAhead(IEnumerable<string> paths) => paths.Any(IsRemote) ? RemoteFiles.BytesAhead : 0;

    internal static InputFile Describe(int index, ParquetFile file) =>
        new(index, file.Path, file.Length, Modified(file), Hex.Of(file.FooterDigest), file.Metadata.NumRows, file.Metadata.RowGroups.Count) { Version = file.Source?.Version };

    /// <summary>When the file was last written; <see cref="DateTimeOffset.MinValue"/> where a server does not say.</summary>
    internal static DateTimeOffset Modified(ParquetFile file) =>
        file.Source is { } source ? source.Modified ?? DateTimeOffset.MinValue : new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path));

    /// <exception cref="ParquetException">No file, or nothing that can be listed.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static IReadOnlyList<string> ExpandRemote(string path, CancellationToken cancel)
    {
        try
        {
            return RemoteFiles.Expand(path, cancel);
        }
        catch (IOException e)
        {
            throw new ParquetException(e.Message, path, inner: e);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsRemoteShareable(string path) => !RemoteFiles.IsKnownHereAlone(path);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ParquetFile OpenRemote(string path, Reading reading, Func<bool>? mayWait, ReaderLimits? limits)
    {
        try
        {
            return ParquetFile.Open(RemoteFiles.Open(path, reading == Reading.Through, mayWait), path, limits);
        }
        catch (IOException e)
        {
            throw new ParquetException(e.Message, path, inner: e);
        }
    }
}
