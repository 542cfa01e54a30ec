using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Snappy in pieces. Its encoders take 64 KiB at a time, so that nothing refers farther back; the format would allow it (to 4 GiB), and of a page
/// that does, everything is kept.
/// </summary>
internal sealed unsafe class SnappyStreamDecoder() : LzStreamDecoder(CompressionCodec.Snappy)
{
    private const int BlockBytes = 64 << 10;

    // Longer literals have one to four bytes of length behind the tag.
    private const int MostShortLiteral = 60;
    private const int MostTagBytes = 5;
    private bool _begun;
    private bool _keepsAll;

    protected override long History => _keepsAll ? Length : BlockBytes;

    public override void Finish()
    {
        if (Literals > 0 || Copies > 0 || !Input.Peek(1, InputBytes).IsEmpty)
            FailLong(CompressionCodec.Snappy);
    }

    protected override void Restart()
    {
        base.Restart();
        _begun = false;
    }

    protected override bool TryLookFarther(uint offset, long before) => _keepsAll = offset != 0 && offset <= before;

    protected override byte* Decode(byte* d, byte* end, byte* first)
    {
        if (!_begun)
            TakeLength();
        d = DecodeFast(d, end, first);
        if (d < end)
            TakeElement(d - end);
        return d;
    }

    // Literals and copies of one vector or a few that end with the piece or before.
    private byte* DecodeFast(byte* d, byte* end, byte* first)
    {
        const int mostBytes = MostTagBytes + BackCopy.Vector;
        var source = Input.Peek(mostBytes, InputBytes);
        if (source.Length < mostBytes)
            return d;
        fixed (byte* start = source)
        {
            byte* s = start, last = start + source.Length - mostBytes;
            while (s <= last)
            {
                uint tag = *s, kind = tag & 3, length = (tag >> 2) + 1;
                if (kind == 0)
                {
                    if (length > BackCopy.Vector || d + length > end)
                        break;
                    Vector128.Store(Vector128.Load(s + 1), d);
                    s += 1 + length;
                    d += length;
                    continue;
                }
                uint offset = Unsafe.ReadUnaligned<ushort>(s + 1);
                if (kind == 1)
                {
                    length = ((tag >> 2) & 7) + 4;
                    offset = tag >> 5 << 8 | (byte)offset;
                }
                if (kind == 3 || offset == 0 || offset > d - first || d + length > end)
                    break;
                BackCopy.Copy(d, offset, length, end + Slack);
                s += 1 + kind;
                d += length;
            }
            Input.Advance((int)(s - start));
        }
        return d;
    }

    private void TakeElement(long missing)
    {
        if (Input.Peek(1, InputBytes).IsEmpty)
            FailShort(CompressionCodec.Snappy, Math.Min(PieceBytes, Length - Done) + missing);
        var tag = TakeByte();
        var length = (tag >> 2) + 1L;
        switch (tag & 3)
        {
            case 0:
                Literals = length <= MostShortLiteral ? length : TakeLittleEndian((int)length - MostShortLiteral) + 1L;
                break;
            case 1:
                (Copies, Offset) = (((tag >> 2) & 7) + 4, (uint)(tag >> 5 << 8) | TakeLittleEndian(1));
                break;
            case 2:
                (Copies, Offset) = (length, TakeLittleEndian(2));
                break;
            default:
                (Copies, Offset) = (length, TakeLittleEndian(4));
                break;
        }
    }

    private void TakeLength()
    {
        var length = 0ul;
        var shift = 0;
        int part;
        do
        {
            part = TakeByte();
            length |= (ulong)(part & 0x7f) << shift;
            shift += 7;
        }
        while (part >= 0x80 && shift < 35);
        if (part >= 0x80 || length != (ulong)Length)
            throw Codecs.Damaged(CompressionCodec.Snappy, $"it says {length} bytes, the page header says {Length}");
        _begun = true;
    }
}
