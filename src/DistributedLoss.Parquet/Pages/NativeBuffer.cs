using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// A growable block of native memory, 64-byte aligned, that a reader keeps for its whole life. Pages live outside the
/// garbage collector's heap: a 400 MB page would stay in the large-object heap long after its reader is gone.
/// Contents do not survive growth. <see cref="Padding"/> readable bytes follow the capacity, so that decoders may load whole words at the end.
/// </summary>
internal sealed unsafe class NativeBuffer : CriticalFinalizerObject, IDisposable
{
    public const int Padding = 64;
    private byte* _start;
    private bool _disposed;

    ~NativeBuffer() => Free();

    /// <summary>Native bytes held by every live buffer of the process, padding included.</summary>
    public static long AllocatedBytes => NativeBlocks.UsedBytes;

    public long Capacity { get; private set; }

    public byte* Start => _start;

    /// <summary>At least <paramref name="bytes"/> of capacity; what was there before is lost if the block has to move.</summary>
    public byte* Reserve(long bytes)
    {
        if (bytes > Capacity || _start == null)
            Grow(bytes);
        return _start;
    }

    public void Dispose()
    {
        _disposed = true;
        Free();
        GC.SuppressFinalize(this);
    }

    // Page sizes of one file vary a little: an eighth of slack keeps the second page from moving the block again.
    private void Grow(long bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Free();
        var wanted = Math.Max(4096, bytes + (bytes >> 3) + Padding - 1 & -Padding);
        _start = NativeBlocks.Take(wanted + Padding, out var actual);
        Capacity = actual - Padding;
        // The padding is read (never used) by whole-word loads: it must not be a stranger's data.
        NativeMemory.Clear(_start + Capacity, Padding);
    }

    private void Free()
    {
        if (_start == null)
            return;
        NativeBlocks.Give(_start, Capacity + Padding);
        _start = null;
        Capacity = 0;
    }
}
