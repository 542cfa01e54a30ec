namespace DistributedLoss.Cli.Output;

/// <summary>
/// A file that appears whole or not at all: it is written beside its place and renamed into it. It is opened before the run,
/// so that a place that cannot be written is known before the work is done. Devices and pipes are written as they are.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string? _temporary;
    private FileStream? _stream;

    private AtomicFile(string path)
    {
        // A rename would replace a link rather than the file that it stands for.
        var file = new FileInfo(path);
        _path = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (File.Exists(_path))
        {
            var existing = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (!existing.CanSeek || _path.StartsWith("/dev/", StringComparison.Ordinal))
            {
                _stream = existing;
                return;
            }

            existing.Dispose();
        }

        _temporary = Path.Combine(Path.GetDirectoryName(_path) ?? "/", $".{Path.GetFileName(_path)}.{Environment.ProcessId}.tmp");
        _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None);
    }

    /// <exception cref="CliException">Nothing can be written there; <paramref name="option"/> names the option at fault.</exception>
    public static AtomicFile Open(string option, string path)
    {
        try
        {
            return Directory.Exists(path)
                ? throw CliException.Usage($"{option} {path}: is a directory; name a file")
                : new AtomicFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.Usage($"{option} {path}: cannot be written; name a file in a folder that exists and can be written");
        }
    }

    /// <exception cref="CliException">The disk is full, or the place has gone.</exception>
    public void Commit(Action<Stream> write)
    {
        try
        {
            write(_stream!);
            _stream!.Flush();
            if (_temporary is null)
            {
                return;
            }

            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_temporary, _path, overwrite: true);
            _stream = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.RunFailed, $"{_path}: the result cannot be written: {CliException.Reason(e)}; check the folder and the space left", e);
        }
    }

    public void Dispose()
    {
        if (_stream is null)
        {
            return;
        }

        _stream.Dispose();
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }
}
