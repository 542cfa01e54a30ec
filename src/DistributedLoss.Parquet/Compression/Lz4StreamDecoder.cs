using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// LZ4 blocks in pieces (lz4_Block_format.md in lz4/lz4): liblz4 wants their whole output in one place. Copies reach back 65,535 bytes at most.
/// </summary>
internal sealed unsafe class Lz4StreamDecoder() : LzStreamDecoder(CompressionCodec.Lz4Raw)
{
    private const int LeastCopy = 4;
    private const int MostShort = 15;

    // "End of block conditions": the last bytes are literals, and no copy starts near the end. liblz4 insists on them too.
    private const int LastLiterals = 5;
    private const int LastCopyStart = 12;

    // A token, literals that are moved as one vector, and an offset.
    private const int FastInput = 1 + BackCopy.Vector + 2;

    // The lower half of a token whose literals are under way or done with; -1 where the next byte is a token.
    private int _copyLength = -1;

    protected override long History => ushort.MaxValue + 1L;

    public override void Finish()
    {
        if (Literals > 0 || Copies > 0)
            FailLong(CompressionCodec.Lz4Raw);
        // Behind a copy, a token of no literals is the least that must follow.
        if (_copyLength < 0 && TakeByte() >> 4 != 0 || !Input.Peek(1, InputBytes).IsEmpty)
            FailLong(CompressionCodec.Lz4Raw);
    }

    protected override void Restart()
    {
        base.Restart();
        _copyLength = -1;
    }

    protected override byte* Decode(byte* d, byte* end, byte* first)
    {
        if (_copyLength < 0)
        {
            d = DecodeFast(d, end, first);
            if (d == end || Copies > 0 || Literals > 0)
                return d;
        }
        if (_copyLength < 0)
        {
            var token = TakeByte();
            (Literals, _copyLength) = (token >> 4, token & MostShort);
            if (Literals == MostShort)
                Literals += TakeExtension();
        }
        else
            TakeCopy(end - d);
        return d;
    }

    // Sequences of few literals, and copies that end with the piece or before.
    private byte* DecodeFast(byte* d, byte* end, byte* first)
    {
        var source = Input.Peek(FastInput, InputBytes);
        if (source.Length < FastInput)
            return d;
        fixed (byte* start = source)
        {
            byte* s = start, last = start + source.Length - FastInput;
            var copyEnd = end + Math.Min(0, PageLeft(0) - LastCopyStart);
            while (s <= last)
            {
                uint token = *s, literals = token >> 4, length = token & MostShort;
                if (literals == MostShort || length == MostShort || d + literals + length + LeastCopy > copyEnd)
                    break;
                Vector128.Store(Vector128.Load(s + 1), d);
                uint offset = Unsafe.ReadUnaligned<ushort>(s + 1 + literals);
                if (offset == 0 || offset > d + literals - first)
                    break;
                s += 1 + literals + 2;
                d += literals;
                length += LeastCopy;
                if (offset >= BackCopy.Vector)
                {
                    // At most 18 bytes.
                    Vector128.Store(Vector128.Load(d - offset), d);
                    Unsafe.WriteUnaligned(d + 16, Unsafe.ReadUnaligned<ushort>(d + 16 - offset));
                }
                else
                    BackCopy.Copy(d, offset, length, end + Slack);
                d += length;
            }
            Input.Advance((int)(s - start));
        }
        return d;
    }

    private void TakeCopy(long room)
    {
        if (Input.Peek(1, InputBytes).IsEmpty)
            FailShort(CompressionCodec.Lz4Raw, Length - Done - PageLeft(room));
        Offset = TakeLittleEndian(2);
        long length = _copyLength + LeastCopy;
        if (_copyLength == MostShort)
            length += TakeExtension();
        if (PageLeft(room) < LastCopyStart || PageLeft(room) - length < LastLiterals)
            throw Codecs.Damaged(CompressionCodec.Lz4Raw, $"a copy of {length} bytes where {PageLeft(room)} are left");
        (Copies, _copyLength) = (length, -1);
    }

    // Bytes of the page that are to come where the piece has room for so many.
    private long PageLeft(long room) => Length - Done - Math.Min(PieceBytes, Length - Done) + room;

    // Of megabytes of literals, every 255 have a byte here.
    private long TakeExtension()
    {
        for (var sum = 0L; ;)
        {
            var source = Input.Peek(1, InputBytes);
            var whole = 0;
            while (whole < source.Length && source[whole] == byte.MaxValue)
                whole++;
            sum += (long)whole * byte.MaxValue;
            Input.Advance(whole);
            if (whole == 0 || whole < source.Length)
                return sum + TakeByte();
        }
    }
}
