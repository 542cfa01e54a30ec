using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>LZ4 frames (lz4_Frame_format.md) by the system's liblz4, which verifies their checksums.</summary>
internal static unsafe class Lz4Frame
{
    // LZ4F_VERSION of every 1.x library.
    private const uint Version = 100;

    private static readonly NativeCodecLibrary Library = new("LZ4", "liblz4-1", NativeCodecLibrary.Candidates("lz4", 1));
    private static readonly delegate* unmanaged<nint*, uint, nuint> CreateContext =
        (delegate* unmanaged<nint*, uint, nuint>)Library.Export("LZ4F_createDecompressionContext");
    private static readonly delegate* unmanaged<nint, nuint> FreeContext =
        (delegate* unmanaged<nint, nuint>)Library.Export("LZ4F_freeDecompressionContext");
    private static readonly delegate* unmanaged<nint, byte*, nuint*, byte*, nuint*, void*, nuint> DecompressNext =
        (delegate* unmanaged<nint, byte*, nuint*, byte*, nuint*, void*, nuint>)Library.Export("LZ4F_decompress");
    private static readonly delegate* unmanaged<nuint, uint> IsError = (delegate* unmanaged<nuint, uint>)Library.Export("LZ4F_isError");

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = Run(source, destination, out bool ended);
        if (written != destination.Length || !ended)
        {
            throw Codecs.Damaged(CompressionCodec.Lz4, $"its frames do not hold the {destination.Length} bytes in the page header");
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination) => Run(source, destination, out _);

    /// <summary>Decodes until the source ends or the destination is full and nothing more is consumed.</summary>
    private static int Run(ReadOnlySpan<byte> source, Span<byte> destination, out bool ended)
    {
        Library.Require();
        nint context = 0;
        if (IsError(CreateContext(&context, Version)) != 0)
        {
            throw new ParquetException("LZ4 found no memory for a decompression context; free memory or use fewer workers");
        }
        try
        {
            byte none = 0;
            fixed (byte* s = source, d = destination)
            {
                nuint consumed = 0, written = 0, hint;
                nuint took, gave;
                do
                {
                    took = (nuint)source.Length - consumed;
                    gave = (nuint)destination.Length - written;
                    hint = DecompressNext(context, d == null ? &none : d + written, &gave, s + consumed, &took, null);
                    if (IsError(hint) != 0)
                    {
                        throw Codecs.Damaged(CompressionCodec.Lz4, $"its frame is, around byte {consumed}");
                    }
                    consumed += took;
                    written += gave;
                }
                while (took + gave > 0 && consumed < (nuint)source.Length);
                ended = hint == 0 && consumed == (nuint)source.Length;
                return (int)written;
            }
        }
        finally
        {
            FreeContext(context);
        }
    }
}
