using System.Buffers.Binary;
using System.IO.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// gzip (RFC 1952), of one member or several. The runtime's inflater checks a member's trailer only once it has all of it, and takes a
/// stream that ends before for a whole one; so the last trailer is held against the output here.
/// </summary>
internal static unsafe class Gzip
{
    private const int HeaderLength = 10;
    private const int TrailerLength = 8;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = Inflate(source, destination, out bool more);
        if (written != destination.Length || more)
        {
            throw more
                ? Codecs.Damaged(CompressionCodec.Gzip, $"it holds more than the {destination.Length} bytes in the page header")
                : Codecs.WrongLength(CompressionCodec.Gzip, written, destination.Length);
        }
        ReadOnlySpan<byte> trailer = source[^TrailerLength..];
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (length > (uint)written || Crc32.Compute(destination[^(int)length..]) != crc)
        {
            throw Codecs.Damaged(CompressionCodec.Gzip, "its trailer does not match its content, or bytes follow it");
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination) => Inflate(source, destination, out _);

    /// <summary>Incompressible input grows by a ninth bit a byte at worst in the inflater's fastest mode, plus header and trailer.</summary>
    public static int MaxCompressedLength(int length) => checked(length + (length / 8) + 1024);

    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            using var target = new UnmanagedMemoryStream(start, 0, destination.Length, FileAccess.Write);
            using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(source);
            }
            return (int)target.Position;
        }
    }

    private static int Inflate(ReadOnlySpan<byte> source, Span<byte> destination, out bool more)
    {
        if (source.Length < HeaderLength + TrailerLength || source[0] != 0x1f || source[1] != 0x8b)
        {
            throw Codecs.Damaged(CompressionCodec.Gzip, "it does not begin as gzip does");
        }
        fixed (byte* start = source)
        {
            using var stream = new UnmanagedMemoryStream(start, source.Length);
            using var gzip = new GZipStream(stream, CompressionMode.Decompress);
            try
            {
                int written = gzip.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
                Span<byte> beyond = stackalloc byte[1];
                more = written == destination.Length && gzip.Read(beyond) != 0;
                return written;
            }
            catch (InvalidDataException e)
            {
                throw Codecs.Damaged(CompressionCodec.Gzip, e.Message);
            }
        }
    }
}
