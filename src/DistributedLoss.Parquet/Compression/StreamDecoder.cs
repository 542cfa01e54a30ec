using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Decompresses pages from front to back, a piece at a time, where <see cref="Codecs"/> needs a page whole: what was decompressed is still in the
/// processor's cache when it is used. What that checks is checked here as well: every checksum, the exact length, and that nothing follows.
/// One page after the other; not for several threads at once.
/// </summary>
internal abstract unsafe class StreamDecoder : IDisposable
{
    private int _standing;

    /// <summary>Whether pages of this codec can be decompressed in pieces: all but Hadoop's framing of LZ4, which nobody writes any more.</summary>
    public static bool Supports(CompressionCodec codec) =>
        codec is CompressionCodec.Zstd or CompressionCodec.Gzip or CompressionCodec.Brotli or CompressionCodec.Snappy or CompressionCodec.Lz4Raw;

    /// <param name="maxWindowBytes">How far back a page may refer: the decoder's own memory.</param>
    /// <param name="maxKeptBytes">Most bytes that <see cref="More"/> will be asked to keep.</param>
    public static StreamDecoder Create(CompressionCodec codec, int maxWindowBytes, int maxKeptBytes) => codec switch
    {
        CompressionCodec.Zstd when Zstd.HasBlocks => new ZstdBlockDecoder(maxWindowBytes, maxKeptBytes),
        CompressionCodec.Zstd => new ZstdStreamDecoder(maxWindowBytes),
        CompressionCodec.Gzip => new GzipStreamDecoder(),
        CompressionCodec.Brotli => new BrotliStreamDecoder(),
        CompressionCodec.Snappy => new SnappyStreamDecoder(),
        CompressionCodec.Lz4Raw => new Lz4StreamDecoder(),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a codec of streams"),
    };

    /// <summary>Bytes of the page handed out so far.</summary>
    public long Done { get; private set; }

    protected ICompressedInput Input { get; private set; } = null!;

    /// <summary>Bytes that the page must decompress to.</summary>
    protected long Length { get; private set; }

    protected int PieceBytes { get; private set; }

    /// <summary>Begins a page, whatever became of the one before.</summary>
    /// <param name="length">Bytes that it must decompress to.</param>
    /// <param name="pieceBytes">About how many bytes to decompress at a time; with the page's length, it comes in one piece.</param>
    public void Start(ICompressedInput input, long length, int pieceBytes)
    {
        (Input, Length, PieceBytes, Done, _standing) = (input, length, pieceBytes, 0, 0);
        Restart();
    }

    /// <summary>Decompresses the next bytes of the page, at least one.</summary>
    /// <param name="kept">That many of the bytes handed out last, and of those kept then, are still needed: they stand before the new ones, where they may have moved.</param>
    /// <returns>The first new byte; valid until the next call.</returns>
    /// <exception cref="ParquetException">The stream is damaged or ends before.</exception>
    public byte* More(int kept, out int count)
    {
        if (Done == Length)
            throw new InvalidOperationException($"all {Length} bytes of the page have been handed out");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kept, _standing);
        var first = Produce(kept, out count);
        _standing = kept + count;
        Done += count;
        return first;
    }

    /// <summary>Called behind the page's last byte: the stream must end here, and its checksums must match. What was handed out last stays as it is.</summary>
    /// <exception cref="ParquetException">They do not.</exception>
    public abstract void Finish();

    public abstract void Dispose();

    protected abstract void Restart();

    protected abstract byte* Produce(int kept, out int count);

    [DoesNotReturn]
    protected void FailShort(CompressionCodec codec, long written) =>
        throw Codecs.Damaged(codec, $"it holds {Done + written} bytes, the page header says {Length}");

    [DoesNotReturn]
    protected void FailLong(CompressionCodec codec) =>
        throw Codecs.Damaged(codec, $"it holds more than the {Length} bytes in the page header, or bytes follow it");
}
