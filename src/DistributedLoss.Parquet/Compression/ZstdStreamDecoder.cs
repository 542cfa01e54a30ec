using System.Numerics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Zstandard in pieces by libzstd's stable interface, for libraries that export nothing else. It keeps as much output as the frame's window says (2 MiB at the usual levels) and never more than the page has, if the
/// frame tells its length; a window over the limit is an error of libzstd's.
/// </summary>
internal sealed unsafe class ZstdStreamDecoder : SlidingDecoder
{
    // The bounds of libzstd's parameter on every platform.
    private const int LeastWindowLog = 10;
    private const int MostWindowLog = 30;
    private readonly Zstd.Context _context = new();
    private bool _ended;

    public ZstdStreamDecoder(int maxWindowBytes) =>
        Zstd.LimitWindow(_context, Math.Clamp(BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)maxWindowBytes)), LeastWindowLog, MostWindowLog));

    public override void Finish()
    {
        Span<byte> beyond = stackalloc byte[1];
        if (Decode(beyond) != 0)
            FailLong(CompressionCodec.Zstd);
    }

    public override void Dispose()
    {
        base.Dispose();
        _context.Dispose();
    }

    protected override void Restart()
    {
        base.Restart();
        Zstd.Reset(_context);
        _ended = true;
    }

    protected override bool Fill(byte* target, int count, long before)
    {
        if (Decode(new Span<byte>(target, count)) is var written && written < count)
            FailShort(CompressionCodec.Zstd, written);
        return true;
    }

    // As many bytes as are wanted; fewer only where the input ends with a frame.
    private int Decode(Span<byte> target)
    {
        var done = 0;
        while (done < target.Length)
        {
            var source = Input.Peek();
            if (source.IsEmpty && _ended)
                break;
            _ended = Zstd.Decode(_context, source, target[done..], out var consumed, out var written);
            Input.Advance(consumed);
            done += written;
            if (!_ended && consumed == 0 && written == 0 && source.IsEmpty)
                throw Codecs.Damaged(CompressionCodec.Zstd, $"it ends inside a frame, after {Done + done} bytes of output");
        }
        return done;
    }
}
