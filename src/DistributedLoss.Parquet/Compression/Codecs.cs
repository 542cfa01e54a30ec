using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Parquet's compression codecs between two spans, without copies in between. Thread-safe. A stream that is damaged, too long or too short
/// for its destination, or whose checksum does not match is a <see cref="ParquetException"/>, and nothing is written outside the destination.
/// </summary>
public static class Codecs
{
    /// <summary>Decompresses a whole page.</summary>
    /// <param name="codec">The column's codec.</param>
    /// <param name="source">The compressed bytes, all of them.</param>
    /// <param name="destination">Filled exactly.</param>
    /// <exception cref="ParquetException">The stream is damaged, its length differs, or the codec is not supported here.</exception>
    public static void Decompress(CompressionCodec codec, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        // Pages without values are stored by some writers as no bytes at all, whatever the codec.
        if (source.IsEmpty && destination.IsEmpty)
        {
            return;
        }
        switch (codec)
        {
            case CompressionCodec.Uncompressed:
                if (source.Length != destination.Length)
                {
                    throw WrongLength(codec, source.Length, destination.Length);
                }
                source.CopyTo(destination);
                break;
            case CompressionCodec.Snappy:
                SnappyDecoder.Decompress(source, destination);
                break;
            case CompressionCodec.Gzip:
                Gzip.Decompress(source, destination);
                break;
            case CompressionCodec.Brotli:
                Brotli.Decompress(source, destination);
                break;
            case CompressionCodec.Lz4:
                HadoopLz4.Decompress(source, destination);
                break;
            case CompressionCodec.Zstd:
                Zstd.Decompress(source, destination);
                break;
            case CompressionCodec.Lz4Raw:
                Lz4.Decompress(source, destination);
                break;
            default:
                throw Unsupported(codec);
        }
    }

    /// <summary>
    /// Decompresses the beginning of a page, for its levels. What comes after is neither decoded nor checked: a whole-stream checksum
    /// is verified only by <see cref="Decompress"/>.
    /// </summary>
    /// <returns>Bytes written: less than the destination's length only if the page is shorter.</returns>
    /// <exception cref="ParquetException">The stream is damaged, or the codec is not supported here.</exception>
    public static int DecompressPrefix(CompressionCodec codec, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty || destination.IsEmpty)
        {
            return 0;
        }
        switch (codec)
        {
            case CompressionCodec.Uncompressed:
                int length = Math.Min(source.Length, destination.Length);
                source[..length].CopyTo(destination);
                return length;
            case CompressionCodec.Snappy:
                return SnappyDecoder.DecompressPrefix(source, destination);
            case CompressionCodec.Gzip:
                return Gzip.DecompressPrefix(source, destination);
            case CompressionCodec.Brotli:
                return Brotli.DecompressPrefix(source, destination);
            case CompressionCodec.Lz4:
                return HadoopLz4.DecompressPrefix(source, destination);
            case CompressionCodec.Zstd:
                return Zstd.DecompressPrefix(source, destination);
            case CompressionCodec.Lz4Raw:
                return Lz4.DecompressPrefix(source, destination);
            default:
                throw Unsupported(codec);
        }
    }

    /// <summary>The destination length at which <see cref="Compress"/> never runs out of room.</summary>
    public static int MaxCompressedLength(CompressionCodec codec, int length) => codec switch
    {
        CompressionCodec.Uncompressed => length,
        CompressionCodec.Snappy => SnappyEncoder.MaxCompressedLength(length),
        CompressionCodec.Gzip => Gzip.MaxCompressedLength(length),
        CompressionCodec.Brotli => Brotli.MaxCompressedLength(length),
        CompressionCodec.Zstd => Zstd.MaxCompressedLength(length),
        CompressionCodec.Lz4Raw => Lz4.MaxCompressedLength(length),
        _ => throw Unsupported(codec),
    };

    /// <summary>Compresses a whole page into a destination of at least <see cref="MaxCompressedLength"/> bytes; returns the bytes written.</summary>
    /// <exception cref="ParquetException">The codec is not supported here; LZ4 with Hadoop framing is only read.</exception>
    public static int Compress(CompressionCodec codec, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int room = MaxCompressedLength(codec, source.Length);
        if (destination.Length < room)
        {
            throw new ArgumentException($"{codec} needs {room} bytes for {source.Length}, not {destination.Length}", nameof(destination));
        }
        switch (codec)
        {
            case CompressionCodec.Uncompressed:
                source.CopyTo(destination);
                return source.Length;
            case CompressionCodec.Snappy:
                return SnappyEncoder.Compress(source, destination);
            case CompressionCodec.Gzip:
                return Gzip.Compress(source, destination);
            case CompressionCodec.Brotli:
                return Brotli.Compress(source, destination);
            case CompressionCodec.Zstd:
                return Zstd.Compress(source, destination);
            case CompressionCodec.Lz4Raw:
                return Lz4.Compress(source, destination);
            default:
                throw Unsupported(codec);
        }
    }

    internal static ParquetException WrongLength(CompressionCodec codec, long actual, int expected) =>
        new($"the {codec} stream holds {actual} bytes, the page header says {expected}; the file is damaged");

    internal static ParquetException Damaged(CompressionCodec codec, string why) =>
        new($"the {codec} stream is damaged: {why}; write the file again or restore it");

    private static ParquetException Unsupported(CompressionCodec codec) =>
        new($"codec {codec} is not supported here; write the file with zstd, snappy, gzip, brotli, lz4_raw or none");
}
