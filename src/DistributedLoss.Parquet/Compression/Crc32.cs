using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace DistributedLoss.Parquet.Compression;

/// <summary>CRC-32/ISO-HDLC, the checksum of gzip and of Parquet's pages (polynomial 0x04c11db7, reflected, complemented at both ends).</summary>
public static class Crc32
{
    // Eight bytes a step: Tables[k][b] is byte b followed by k zero bytes (Kounavis and Berry, "slicing-by-8").
    private static readonly uint[][] Tables = BuildTables();

    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of the bytes behind <paramref name="crc"/> and these; 0 begins.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        if (ArmCrc32.Arm64.IsSupported)
        {
            return ~AppendArm(state, bytes);
        }
        if (Pclmulqdq.IsSupported && bytes.Length >= 128)
        {
            state = Fold(state, ref bytes);
        }
        return ~AppendTable(state, bytes);
    }

    internal static uint AppendTable(uint state, ReadOnlySpan<byte> bytes)
    {
        uint[][] t = Tables;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ state;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = t[7][(byte)low] ^ t[6][(byte)(low >> 8)] ^ t[5][(byte)(low >> 16)] ^ t[4][low >> 24]
                ^ t[3][(byte)high] ^ t[2][(byte)(high >> 8)] ^ t[1][(byte)(high >> 16)] ^ t[0][high >> 24];
        }
        foreach (byte b in bytes)
        {
            state = t[0][(byte)(state ^ b)] ^ (state >> 8);
        }
        return state;
    }

    /// <summary>
    /// Folds whole 16-byte blocks by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic Polynomials Using
    /// PCLMULQDQ Instruction", Intel 2009; constants of its reflected example), and leaves the rest in <paramref name="bytes"/>.
    /// </summary>
    private static uint Fold(uint state, ref ReadOnlySpan<byte> bytes)
    {
        Vector128<ulong> by16 = Vector128.Create(0x1751997d0UL, 0x0ccaa009eUL);
        ref byte p = ref MemoryMarshal.GetReference(bytes);
        nuint length = (nuint)bytes.Length;
        Vector128<ulong> a = Pclmulqdq.V512.IsSupported && length >= 512
            ? FoldWide(state, ref p, length, by16, out nuint at)
            : FoldNarrow(state, ref p, length, by16, out at);
        for (; length - at >= 16; at += 16)
        {
            a = Multiply(a, by16) ^ Load(ref p, at);
        }
        bytes = bytes[(int)at..];
        Span<byte> folded = stackalloc byte[16];
        a.AsByte().CopyTo(folded);
        return AppendTable(0, folded);
    }

    /// <summary>64 bytes a step, in four chains; the remainder of what stands before <paramref name="at"/>, in 16 bytes.</summary>
    private static Vector128<ulong> FoldNarrow(uint state, ref byte p, nuint length, Vector128<ulong> by16, out nuint at)
    {
        Vector128<ulong> by64 = Vector128.Create(0x154442bd4UL, 0x1c6e41596UL);
        Vector128<ulong> a = Load(ref p, 0) ^ Vector128.CreateScalar(state).AsUInt64();
        Vector128<ulong> b = Load(ref p, 16), c = Load(ref p, 32), d = Load(ref p, 48);
        for (at = 64; length - at >= 64; at += 64)
        {
            a = Multiply(a, by64) ^ Load(ref p, at);
            b = Multiply(b, by64) ^ Load(ref p, at + 16);
            c = Multiply(c, by64) ^ Load(ref p, at + 32);
            d = Multiply(d, by64) ^ Load(ref p, at + 48);
        }
        return Join(a, b, c, d, by16);
    }

    /// <summary>The same, 256 bytes a step: x^(2048 + 32) and x^(2048 - 32) modulo the polynomial, reflected, take the place of the 512-bit step's.</summary>
    private static Vector128<ulong> FoldWide(uint state, ref byte p, nuint length, Vector128<ulong> by16, out nuint at)
    {
        Vector512<ulong> by256 = Broadcast(0x11542778aUL, 0x1322d1430UL);
        Vector512<ulong> by64 = Broadcast(0x154442bd4UL, 0x1c6e41596UL);
        Vector512<ulong> a = Load512(ref p, 0) ^ Vector512.CreateScalar(state).AsUInt64();
        Vector512<ulong> b = Load512(ref p, 64), c = Load512(ref p, 128), d = Load512(ref p, 192);
        for (at = 256; length - at >= 256; at += 256)
        {
            a = Multiply(a, by256) ^ Load512(ref p, at);
            b = Multiply(b, by256) ^ Load512(ref p, at + 64);
            c = Multiply(c, by256) ^ Load512(ref p, at + 128);
            d = Multiply(d, by256) ^ Load512(ref p, at + 192);
        }
        a = Multiply(a, by64) ^ b;
        a = Multiply(a, by64) ^ c;
        a = Multiply(a, by64) ^ d;
        (Vector256<ulong> low, Vector256<ulong> high) = (a.GetLower(), a.GetUpper());
        return Join(low.GetLower(), low.GetUpper(), high.GetLower(), high.GetUpper(), by16);
    }

    private static Vector128<ulong> Join(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, Vector128<ulong> d, Vector128<ulong> by16)
    {
        a = Multiply(a, by16) ^ b;
        a = Multiply(a, by16) ^ c;
        return Multiply(a, by16) ^ d;
    }

    private static Vector512<ulong> Broadcast(ulong low, ulong high)
    {
        Vector256<ulong> half = Vector256.Create(low, high, low, high);
        return Vector512.Create(half, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load512(ref byte p, nuint at) => Vector512.LoadUnsafe(ref p, at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Multiply(Vector512<ulong> x, Vector512<ulong> k) =>
        Pclmulqdq.V512.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(x, k, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte p, nuint at) => Vector128.LoadUnsafe(ref p, at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> x, Vector128<ulong> k) =>
        Pclmulqdq.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, k, 0x11);

    private static uint AppendArm(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            state = ArmCrc32.Arm64.ComputeCrc32(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte b in bytes)
        {
            state = ArmCrc32.ComputeCrc32(state, b);
        }
        return state;
    }

    private static uint[][] BuildTables()
    {
        var tables = new uint[8][];
        for (int k = 0; k < 8; k++)
        {
            tables[k] = new uint[256];
            for (uint b = 0; b < 256; b++)
            {
                uint crc = k == 0 ? b : tables[k - 1][b];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320u);
                }
                tables[k][b] = crc;
            }
        }
        return tables;
    }
}
