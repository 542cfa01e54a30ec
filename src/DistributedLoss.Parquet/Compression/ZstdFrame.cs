using System.Buffers.Binary;

namespace DistributedLoss.Parquet.Compression;

/// <summary>What the first bytes of a zstd frame say of the memory that it needs (RFC 8878, section 3.1).</summary>
internal readonly struct ZstdFrame
{
    /// <summary>The longest header that a decoder has to look at: magic, descriptor, window, dictionary and content size.</summary>
    public const int MostHeaderBytes = 18;

    /// <summary>A block's content is never longer.</summary>
    public const int MostBlockBytes = 128 << 10;

    private const int SkippableHeaderBytes = 8;

    /// <summary>Bytes to pass over, header included, of a frame that holds no content of the page; otherwise 0.</summary>
    public long SkippableBytes { get; private init; }

    /// <summary>How far back the frame's blocks may refer; 0 where the header is none, which libzstd will say.</summary>
    public ulong WindowBytes { get; private init; }

    /// <param name="bytes">At least <see cref="MostHeaderBytes"/>, if there are so many.</param>
    public static ZstdFrame Parse(ReadOnlySpan<byte> bytes)
    {
        const uint magic = 0xFD2FB528, skippableMagic = 0x184D2A50;
        if (bytes.Length < 6)
            return default;
        var first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (first >> 4 == skippableMagic >> 4 && bytes.Length >= SkippableHeaderBytes)
            return new ZstdFrame { SkippableBytes = SkippableHeaderBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) };
        if (first != magic)
            return default;
        var descriptor = bytes[4];
        if ((descriptor & 0x20) == 0)
            return new ZstdFrame { WindowBytes = WindowOf(bytes[5]) };
        // A single segment: the window is the content.
        var dictionaryBytes = (1 << (descriptor & 3)) >> 1;
        return new ZstdFrame { WindowBytes = ContentBytes(descriptor >> 6, bytes[Math.Min(5 + dictionaryBytes, bytes.Length)..]) };
    }

    private static ulong WindowOf(int descriptor)
    {
        var unit = 1ul << (10 + (descriptor >> 3));
        return unit + unit / 8 * (ulong)(descriptor & 7);
    }

    private static ulong ContentBytes(int flag, ReadOnlySpan<byte> field) => flag switch
    {
        _ when field.Length < 1 << flag => 0,
        0 => field[0],
        1 => BinaryPrimitives.ReadUInt16LittleEndian(field) + 256ul,
        2 => BinaryPrimitives.ReadUInt32LittleEndian(field),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(field),
    };
}
