using System.Runtime.InteropServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The bytes of a file that are read next, mapped where the processor can fetch them into its cache while it computes: their copy out of the page cache
/// then takes a third of the time. Nobody reads through the mapping. A fetch of memory that is not there is passed over, where a read of a mapped
/// file that was cut short would end the process. Only what the page cache has is mapped, so that nothing waits for a disk. Linux on x64 alone has it.
/// </summary>
internal sealed unsafe partial class FileAhead : IDisposable
{
    // Large enough that mapping costs little, small enough to be nothing beside the process: it counts as its memory.
    private const long MappedBytes = 2 << 20;
    private const long PageBytes = 4 << 10;
    private const nint Failed = -1;
    private readonly SafeHandle _file;
    private nint _start = Failed;
    private long _from;
    private long _to;
    private bool _isMissing;

    public FileAhead(SafeHandle file) => _file = file;

    /// <summary>Where the file's bytes from <paramref name="offset"/> on can be fetched, at least so many; 0 if they cannot.</summary>
    public nint Map(long offset, long bytes, long fileLength)
    {
        bytes = Math.Min(bytes, fileLength - offset);
        if (bytes <= 0 || bytes > MappedBytes / 2 || _isMissing)
            return 0;
        if (offset < _from || offset + bytes > _to)
            Move(offset, fileLength);
        return _start == Failed ? 0 : _start + (nint)(offset - _from);
    }

    public void Dispose() => Unmap();

    private void Move(long offset, long fileLength)
    {
        Unmap();
        var from = offset / PageBytes * PageBytes;
        var to = Math.Min(from + MappedBytes, fileLength);
        var held = false;
        try
        {
            _file.DangerousAddRef(ref held);
            var file = (int)_file.DangerousGetHandle();
            if (!IsCached(file, to - 1))
                return;
            const int Read = 1;
            const int SharedAndPopulated = 1 | 0x8000;
            _start = MapFile(0, (nuint)(to - from), Read, SharedAndPopulated, file, from);
            (_from, _to) = _start == Failed ? (0, 0) : (from, to);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            _isMissing = true;
        }
        finally
        {
            if (held)
                _file.DangerousRelease();
        }
    }

    private void Unmap()
    {
        if (_start != Failed)
            _ = UnmapFile(_start, (nuint)(_to - _from));
        (_start, _from, _to) = (Failed, 0, 0);
    }

    private static bool IsCached(int file, long offset)
    {
        const int NoWait = 8;
        byte last;
        var vector = (Start: (nint)(&last), Length: (nuint)1);
        return ReadVector(file, &vector, 1, offset, NoWait) == 1;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapFile(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapFile(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "preadv2")]
    private static partial nint ReadVector(int file, (nint Start, nuint Length)* vector, int count, long offset, int flags);
}
