using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Parquet.Pages;

/// <summary>Puts values together of which each byte stands in a stream of its own.</summary>
internal static unsafe class ByteZip
{
    private const int Ahead = 1024;

    /// <summary>Two streams of <paramref name="count"/> bytes to as many values of two bytes.</summary>
    public static void Zip2(byte* s0, byte* s1, ushort* target, int count)
    {
        var i = 0;
        for (; i <= count - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            var (low0, low1) = Vector256.Widen(Vector256.Load(s0 + i));
            var (high0, high1) = Vector256.Widen(Vector256.Load(s1 + i));
            (low0 | high0 << 8).Store(target + i);
            (low1 | high1 << 8).Store(target + i + Vector256<ushort>.Count);
        }
        for (; i < count; i++)
            target[i] = (ushort)(s0[i] | s1[i] << 8);
    }

    /// <summary>Four streams of <paramref name="count"/> bytes to as many values of four bytes.</summary>
    public static void Zip4(byte* s0, byte* s1, byte* s2, byte* s3, uint* target, int count)
    {
        var i = 0;
        if (Avx512BW.IsSupported)
        {
            for (; i <= count - 64; i += 64)
            {
                // Far apart in a page larger than the cache; the processor looks ahead within 4 KiB only.
                Sse.Prefetch0(s0 + i + Ahead);
                Sse.Prefetch0(s1 + i + Ahead);
                Sse.Prefetch0(s2 + i + Ahead);
                Sse.Prefetch0(s3 + i + Ahead);
                Zip64(s0 + i, s1 + i, s2 + i, s3 + i, target + i);
            }
        }
        if (Avx2.IsSupported)
        {
            for (; i <= count - 32; i += 32)
                Zip32(s0 + i, s1 + i, s2 + i, s3 + i, target + i);
        }
        for (; i <= count - 16; i += 16)
            Zip16(s0 + i, s1 + i, s2 + i, s3 + i, target + i);
        for (; i < count; i++)
            target[i] = s0[i] | (uint)s1[i] << 8 | (uint)s2[i] << 16 | (uint)s3[i] << 24;
    }

    /// <summary>Eight streams of <paramref name="count"/> bytes to as many values of eight bytes.</summary>
    /// <param name="streams">Their addresses.</param>
    public static void Zip8(ReadOnlySpan<nint> streams, ulong* target, int count)
    {
        const int batch = 256;
        var low = stackalloc uint[batch];
        var high = stackalloc uint[batch];
        for (var done = 0; done < count; done += batch)
        {
            var n = Math.Min(batch, count - done);
            Zip4((byte*)streams[0] + done, (byte*)streams[1] + done, (byte*)streams[2] + done, (byte*)streams[3] + done, low, n);
            Zip4((byte*)streams[4] + done, (byte*)streams[5] + done, (byte*)streams[6] + done, (byte*)streams[7] + done, high, n);
            var to = target + done;
            var i = 0;
            for (; i <= n - Vector256<uint>.Count; i += Vector256<uint>.Count)
            {
                var (low0, low1) = Vector256.Widen(Vector256.Load(low + i));
                var (high0, high1) = Vector256.Widen(Vector256.Load(high + i));
                (low0 | high0 << 32).Store(to + i);
                (low1 | high1 << 32).Store(to + i + Vector256<ulong>.Count);
            }
            for (; i < n; i++)
                to[i] = low[i] | (ulong)high[i] << 32;
        }
    }

    // Unpacking works within 128-bit lanes. Of each stream, groups of four bytes are dealt out to the lanes first, so that every vector
    // that comes out holds values that follow each other: 12 shuffles for 64 values, the fewest that were found.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip64(byte* s0, byte* s1, byte* s2, byte* s3, uint* target)
    {
        var deal = Vector512.Create(0u, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        var a = Deal(s0, deal);
        var b = Deal(s1, deal);
        var c = Deal(s2, deal);
        var d = Deal(s3, deal);
        var low0 = Avx512BW.UnpackLow(a, b).AsUInt16();
        var high0 = Avx512BW.UnpackLow(c, d).AsUInt16();
        var low1 = Avx512BW.UnpackHigh(a, b).AsUInt16();
        var high1 = Avx512BW.UnpackHigh(c, d).AsUInt16();
        Avx512BW.UnpackLow(low0, high0).AsUInt32().Store(target);
        Avx512BW.UnpackHigh(low0, high0).AsUInt32().Store(target + 16);
        Avx512BW.UnpackLow(low1, high1).AsUInt32().Store(target + 32);
        Avx512BW.UnpackHigh(low1, high1).AsUInt32().Store(target + 48);

        static Vector512<byte> Deal(byte* from, Vector512<uint> deal) => Avx512F.PermuteVar16x32(Vector512.Load((uint*)from), deal).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip32(byte* s0, byte* s1, byte* s2, byte* s3, uint* target)
    {
        var deal = Vector256.Create(0u, 2, 4, 6, 1, 3, 5, 7);
        var a = Deal(s0, deal);
        var b = Deal(s1, deal);
        var c = Deal(s2, deal);
        var d = Deal(s3, deal);
        var low0 = Avx2.UnpackLow(a, b).AsUInt16();
        var high0 = Avx2.UnpackLow(c, d).AsUInt16();
        var low1 = Avx2.UnpackHigh(a, b).AsUInt16();
        var high1 = Avx2.UnpackHigh(c, d).AsUInt16();
        Avx2.UnpackLow(low0, high0).AsUInt32().Store(target);
        Avx2.UnpackHigh(low0, high0).AsUInt32().Store(target + 8);
        Avx2.UnpackLow(low1, high1).AsUInt32().Store(target + 16);
        Avx2.UnpackHigh(low1, high1).AsUInt32().Store(target + 24);

        static Vector256<byte> Deal(byte* from, Vector256<uint> deal) => Avx2.PermuteVar8x32(Vector256.Load((uint*)from), deal).AsByte();
    }

    // On any processor.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip16(byte* s0, byte* s1, byte* s2, byte* s3, uint* target)
    {
        var (low0, low1) = Zip(Vector128.Load(s0), Vector128.Load(s1));
        var (high0, high1) = Zip(Vector128.Load(s2), Vector128.Load(s3));
        Store(target, low0, high0);
        Store(target + 8, low1, high1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<ushort> First, Vector128<ushort> Second) Zip(Vector128<byte> low, Vector128<byte> high)
    {
        var (low0, low1) = Vector128.Widen(low);
        var (high0, high1) = Vector128.Widen(high);
        return (low0 | high0 << 8, low1 | high1 << 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(uint* target, Vector128<ushort> low, Vector128<ushort> high)
    {
        var (low0, low1) = Vector128.Widen(low);
        var (high0, high1) = Vector128.Widen(high);
        (low0 | high0 << 16).Store(target);
        (low1 | high1 << 16).Store(target + 4);
    }
}
