using System.Buffers;
using System.IO.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>Brotli (RFC 7932) by the runtime's own library. The format has no checksum.</summary>
internal static class Brotli
{
    private const int Quality = 4;
    private const int WindowBits = 22;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var state = default(BrotliDecoder);
        try
        {
            OperationStatus status = state.Decompress(source, destination, out int consumed, out int written);
            if (status == OperationStatus.DestinationTooSmall)
            {
                // The output may be whole although the stream's end is still unread.
                Span<byte> beyond = stackalloc byte[1];
                status = state.Decompress(source[consumed..], beyond, out int rest, out int extra);
                consumed += rest;
                written += extra;
            }
            if (status == OperationStatus.InvalidData)
            {
                throw Codecs.Damaged(CompressionCodec.Brotli, $"after {written} bytes of output");
            }
            if (written != destination.Length)
            {
                throw Codecs.WrongLength(CompressionCodec.Brotli, written, destination.Length);
            }
            if (status != OperationStatus.Done || consumed != source.Length)
            {
                throw Codecs.Damaged(CompressionCodec.Brotli, $"it ends after {consumed} of {source.Length} bytes, or not at all");
            }
        }
        finally
        {
            state.Dispose();
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var decoder = default(BrotliDecoder);
        try
        {
            OperationStatus status = decoder.Decompress(source, destination, out _, out int written);
            return status is OperationStatus.Done or OperationStatus.DestinationTooSmall
                ? written
                : throw Codecs.Damaged(CompressionCodec.Brotli, $"after {written} bytes of output");
        }
        finally
        {
            decoder.Dispose();
        }
    }

    public static int MaxCompressedLength(int length) => BrotliEncoder.GetMaxCompressedLength(length);

    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination) =>
        BrotliEncoder.TryCompress(source, destination, out int written, Quality, WindowBits)
            ? written
            : throw new InvalidOperationException($"brotli did not fit {source.Length} bytes into {destination.Length}");
}
