using System.Buffers.Binary;
using System.IO.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// gzip in pieces, of one member or several. As in <see cref="Gzip"/>, the last member's trailer is held against the output here, since the runtime takes a
/// stream that ends before its trailer for a whole one; the trailer's length says where in the output that member begins.
/// </summary>
internal sealed unsafe class GzipStreamDecoder : SlidingDecoder
{
    private const int TrailerLength = 8;
    private GZipStream? _gzip;
    private uint _expected;
    private uint _crc;
    private long _lastMember;

    public override void Finish()
    {
        Span<byte> beyond = stackalloc byte[1];
        if (Decode(beyond) != 0)
            FailLong(CompressionCodec.Gzip);
        if (_lastMember < 0 || _crc != _expected)
            throw Codecs.Damaged(CompressionCodec.Gzip, "its trailer does not match its content, or bytes follow it");
        while (Input.Peek() is { IsEmpty: false } rest)
            Input.Advance(rest.Length);
    }

    public override void Dispose()
    {
        base.Dispose();
        _gzip?.Dispose();
    }

    protected override void Restart()
    {
        base.Restart();
        _gzip?.Dispose();
        _gzip = new GZipStream(new InputStream(Input), CompressionMode.Decompress);
        Span<byte> trailer = stackalloc byte[TrailerLength];
        if (!Input.TryReadTail(trailer))
            throw Codecs.Damaged(CompressionCodec.Gzip, "it is shorter than gzip's trailer");
        (_expected, _crc) = (BinaryPrimitives.ReadUInt32LittleEndian(trailer), 0);
        _lastMember = Length - BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
    }

    protected override bool Fill(byte* start, int count, long before)
    {
        var target = new Span<byte>(start, count);
        if (Decode(target) is var written && written < target.Length)
            FailShort(CompressionCodec.Gzip, written);
        var others = Math.Clamp(_lastMember - Done, 0, target.Length);
        _crc = Crc32.Append(_crc, target[(int)others..]);
        return true;
    }

    private int Decode(Span<byte> target)
    {
        try
        {
            return _gzip!.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw Codecs.Damaged(CompressionCodec.Gzip, e.Message);
        }
    }

    /// <summary>The input as the runtime's inflater wants it.</summary>
    private sealed class InputStream(ICompressedInput input) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var source = input.Peek();
            var count = Math.Min(source.Length, buffer.Length);
            source[..count].CopyTo(buffer);
            input.Advance(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
