namespace DistributedLoss.Parquet.Writing;

/// <summary>
/// A file that appears under its name only when it is whole: it is written beside it under a name that dataset scans pass over (it begins
/// with a dot), flushed to the disk and renamed.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private bool _committed;

    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        _temporary = Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}.tmp");
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    public FileStream Stream { get; }

    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _committed = true;
    }

    public void Dispose()
    {
        if (_committed)
        {
            return;
        }
        try
        {
            // Disposing writes what is still buffered, which fails again where the disk is full.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(_temporary);
        }
    }
}
