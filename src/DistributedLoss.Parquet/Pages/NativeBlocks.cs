using System.Runtime.InteropServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// Where native blocks come from. Large ones that a reader gave back wait for the next reader, who needs about the same: row groups follow each
/// other, and a fresh block costs a page fault every 4 KiB. (Left to malloc, five such readers in a row grew the process to three times its need.)
/// </summary>
internal static unsafe class NativeBlocks
{
    private const int Alignment = 64;
    private const long LargeBytes = 1 << 20;
    private const long MaxIdleBytes = 128 << 20;
    private static readonly Lock Gate = new();
    private static readonly List<(nint Start, long Bytes)> Idle = [];
    private static long _idleBytes;
    private static long _usedBytes;

    /// <summary>Bytes of all blocks that are taken and not given back.</summary>
    public static long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>At least <paramref name="bytes"/>, at most a quarter more; <paramref name="actual"/> says how much. The contents are anything.</summary>
    public static byte* Take(long bytes, out long actual)
    {
        var start = bytes >= LargeBytes ? TakeIdle(bytes, out actual) : TakeNone(out actual);
        if (start == 0)
        {
            actual = bytes;
            start = (nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        Interlocked.Add(ref _usedBytes, actual);
        return (byte*)start;
    }

    public static void Give(byte* start, long bytes)
    {
        Interlocked.Add(ref _usedBytes, -bytes);
        if (bytes >= LargeBytes)
        {
            lock (Gate)
            {
                if (_idleBytes + bytes <= MaxIdleBytes)
                {
                    Idle.Add(((nint)start, bytes));
                    _idleBytes += bytes;
                    return;
                }
            }
        }
        NativeMemory.AlignedFree(start);
    }

    private static nint TakeNone(out long actual)
    {
        actual = 0;
        return 0;
    }

    private static nint TakeIdle(long bytes, out long actual)
    {
        lock (Gate)
        {
            var best = -1;
            for (var i = 0; i < Idle.Count; i++)
            {
                if (Idle[i].Bytes >= bytes && Idle[i].Bytes <= bytes + bytes / 4 && (best < 0 || Idle[i].Bytes < Idle[best].Bytes))
                    best = i;
            }
            if (best < 0)
                return TakeNone(out actual);
            (var start, actual) = Idle[best];
            Idle.RemoveAt(best);
            _idleBytes -= actual;
            return start;
        }
    }
}
