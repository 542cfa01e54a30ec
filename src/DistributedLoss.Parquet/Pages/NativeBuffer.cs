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
    private const int Alignment = 64;
    private static long s_allocatedBytes;
    private byte* _start;
    private bool _disposed;

    ~NativeBuffer() => Free();

    /// <summary>Native bytes held by every live buffer of the process, padding included.</summary>
    public static long AllocatedBytes => Interlocked.Read(ref s_allocatedBytes);

    public long Capacity { get; private set; }

    public byte* Start => _start;

    /// <summary>At least <paramref name="bytes"/> of capacity; what was there before is lost if the block has to move.</summary>
    public byte* Reserve(long bytes)
    {
        if (bytes > Capacity || _start == null)
            Grow(bytes);
        return _start;
    }

    /// <summary>Gives the block back but keeps the owner: for a page far larger than the ones that follow.</summary>
    public void Release() => Free();

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
        var capacity = Math.Max(4096, bytes + (bytes >> 3) + Alignment - 1 & -Alignment);
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)(capacity + Padding), Alignment);
        Interlocked.Add(ref s_allocatedBytes, capacity + Padding);
        Capacity = capacity;
        // The padding is read (never used) by whole-word loads: it must not be a stranger's data.
        NativeMemory.Clear(_start + capacity, Padding);
    }

    private void Free()
    {
        if (_start == null)
            return;
        NativeMemory.AlignedFree(_start);
        Interlocked.Add(ref s_allocatedBytes, -(Capacity + Padding));
        _start = null;
        Capacity = 0;
    }
}
