using System.Buffers.Binary;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// The deprecated codec LZ4, of which three dialects are about: Hadoop's framing (blocks of a big-endian decompressed length, then
/// chunks of a big-endian compressed length and an LZ4 block), LZ4's own frames, and bare LZ4 blocks. Compression.md names the first;
/// a stream that is none of it is tried as the others, as other readers do.
/// </summary>
internal static class HadoopLz4
{
    private const uint FrameMagic = 0x184d2204;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (TryHadoop(source, destination, prefix: false) == destination.Length)
        {
            return;
        }
        if (IsFrame(source))
        {
            Lz4Frame.Decompress(source, destination);
            return;
        }
        int written = Lz4.TryDecompress(source, destination);
        if (written != destination.Length)
        {
            throw Codecs.Damaged(CompressionCodec.Lz4, $"it holds no {destination.Length} bytes in Hadoop's framing, nor as a bare block");
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = TryHadoop(source, destination, prefix: true);
        if (written >= 0)
        {
            return written;
        }
        if (IsFrame(source))
        {
            return Lz4Frame.DecompressPrefix(source, destination);
        }
        written = Lz4.TryDecompressPrefix(source, destination);
        return written >= 0
            ? written
            : throw Codecs.Damaged(CompressionCodec.Lz4, "it is neither in Hadoop's framing nor a bare block");
    }

    private static bool IsFrame(ReadOnlySpan<byte> source) =>
        source.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(source) == FrameMagic;

    /// <summary>Bytes written, or -1 if the source is not in Hadoop's framing (or is damaged, which looks the same).</summary>
    private static int TryHadoop(ReadOnlySpan<byte> source, Span<byte> destination, bool prefix)
    {
        int done = 0;
        while (!source.IsEmpty && !(prefix && done == destination.Length))
        {
            if (!TryReadLength(ref source, out uint block) || (!prefix && block > destination.Length - done))
            {
                return -1;
            }
            while (block > 0)
            {
                if (!TryReadLength(ref source, out uint chunk) || chunk > source.Length)
                {
                    return -1;
                }
                int room = (int)Math.Min(block, (uint)(destination.Length - done));
                bool cut = room < block;
                int written = cut
                    ? Lz4.TryDecompressPrefix(source[..(int)chunk], destination.Slice(done, room))
                    : Lz4.TryDecompress(source[..(int)chunk], destination.Slice(done, room));
                if (written < 0 || (written == 0 && chunk > 1))
                {
                    return -1;
                }
                done += written;
                if (prefix && done == destination.Length)
                {
                    return done;
                }
                block -= (uint)written;
                source = source[(int)chunk..];
            }
        }
        return done;
    }

    private static bool TryReadLength(ref ReadOnlySpan<byte> source, out uint length)
    {
        bool read = BinaryPrimitives.TryReadUInt32BigEndian(source, out length);
        source = read ? source[4..] : source;
        return read;
    }
}
