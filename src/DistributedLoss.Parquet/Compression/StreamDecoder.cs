using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Decompresses pages from front to back, a piece at a time, where <see cref="Codecs"/> needs a page whole. What that checks is checked
/// here as well: every checksum, the exact length, and that nothing follows. One page after the other; not for several threads at once.
/// </summary>
internal abstract class StreamDecoder : IDisposable
{
    /// <summary>Whether pages of this codec can be decompressed in pieces. SNAPPY and LZ4 refer back to anything in their whole output.</summary>
    public static bool Supports(CompressionCodec codec) => codec is CompressionCodec.Zstd or CompressionCodec.Gzip or CompressionCodec.Brotli;

    /// <param name="maxWindowBytes">How far back a page may refer: the decoder's own memory.</param>
    public static StreamDecoder Create(CompressionCodec codec, int maxWindowBytes) => codec switch
    {
        CompressionCodec.Zstd => new ZstdStreamDecoder(maxWindowBytes),
        CompressionCodec.Gzip => new GzipStreamDecoder(),
        CompressionCodec.Brotli => new BrotliStreamDecoder(),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a codec of streams"),
    };

    protected ICompressedInput Input { get; private set; } = null!;

    /// <summary>Bytes that the page must decompress to.</summary>
    protected long Length { get; private set; }

    /// <summary>Bytes handed out so far.</summary>
    protected long Done { get; private set; }

    /// <summary>Begins a page, whatever became of the one before.</summary>
    /// <param name="length">Bytes that it must decompress to.</param>
    public void Start(ICompressedInput input, long length)
    {
        (Input, Length, Done) = (input, length, 0);
        Restart();
    }

    /// <summary>Fills <paramref name="target"/> with the next bytes of the page.</summary>
    /// <exception cref="ParquetException">The stream is damaged or ends before.</exception>
    public void Read(Span<byte> target)
    {
        if (target.Length > Length - Done)
            throw new ArgumentOutOfRangeException(nameof(target), target.Length, $"{Length - Done} bytes are left of the page");
        Fill(target);
        Done += target.Length;
    }

    /// <summary>Called behind the page's last byte: the stream must end here, and its checksums must match.</summary>
    /// <exception cref="ParquetException">They do not.</exception>
    public abstract void Finish();

    public abstract void Dispose();

    protected abstract void Restart();

    protected abstract void Fill(Span<byte> target);

    [DoesNotReturn]
    protected void FailShort(CompressionCodec codec, int written) =>
        throw Codecs.Damaged(codec, $"it holds {Done + written} bytes, the page header says {Length}");

    [DoesNotReturn]
    protected void FailLong(CompressionCodec codec) =>
        throw Codecs.Damaged(codec, $"it holds more than the {Length} bytes in the page header, or bytes follow it");
}
