using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>LZ4 blocks without a frame (codec LZ4_RAW) by the system's liblz4. The block format has no checksum.</summary>
internal static unsafe class Lz4
{
    private static readonly NativeCodecLibrary Library = new("LZ4", "liblz4-1", NativeCodecLibrary.Candidates("lz4", 1));
    private static readonly delegate* unmanaged<byte*, byte*, int, int, int> DecompressSafe =
        (delegate* unmanaged<byte*, byte*, int, int, int>)Library.Export("LZ4_decompress_safe");
    private static readonly delegate* unmanaged<byte*, byte*, int, int, int, int> DecompressSafePartial =
        (delegate* unmanaged<byte*, byte*, int, int, int, int>)Library.Export("LZ4_decompress_safe_partial");
    private static readonly delegate* unmanaged<byte*, byte*, int, int, int> CompressDefault =
        (delegate* unmanaged<byte*, byte*, int, int, int>)Library.Export("LZ4_compress_default");
    private static readonly delegate* unmanaged<int, int> CompressBound = (delegate* unmanaged<int, int>)Library.Export("LZ4_compressBound");

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = TryDecompress(source, destination);
        if (written < 0)
        {
            throw Codecs.Damaged(CompressionCodec.Lz4Raw, $"around byte {-(long)written} of {source.Length}");
        }
        if (written != destination.Length)
        {
            throw Codecs.WrongLength(CompressionCodec.Lz4Raw, written, destination.Length);
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = TryDecompressPrefix(source, destination);
        return written >= 0
            ? written
            : throw Codecs.Damaged(CompressionCodec.Lz4Raw, $"around byte {-(long)written} of {source.Length}");
    }

    /// <summary>Decompresses one block of at most the destination's length; a negative result says that it is damaged or longer.</summary>
    public static int TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Library.Require();
        byte none = 0;
        fixed (byte* s = source, d = destination)
        {
            return DecompressSafe(s, d == null ? &none : d, source.Length, destination.Length);
        }
    }

    /// <summary>Decompresses the beginning of one block; a negative result says that it is damaged.</summary>
    public static int TryDecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Library.Require();
        fixed (byte* s = source, d = destination)
        {
            return DecompressSafePartial(s, d, source.Length, destination.Length, destination.Length);
        }
    }

    public static int MaxCompressedLength(int length)
    {
        Library.Require();
        int bound = CompressBound(length);
        return bound > 0 ? bound : throw new ParquetException($"LZ4 cannot compress {length} bytes at once; write smaller pages");
    }

    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Library.Require();
        byte none = 0;
        fixed (byte* s = source, d = destination)
        {
            return CompressDefault(s == null ? &none : s, d, source.Length, destination.Length);
        }
    }
}
