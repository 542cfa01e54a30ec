using System.Numerics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Zstandard in pieces. libzstd keeps as much output as the frame's window says (2 MiB at the usual levels) and never more than the page has, if the
/// frame tells its length; a window over the limit is an error of libzstd's.
/// </summary>
internal sealed unsafe class ZstdStreamDecoder : StreamDecoder
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

    public override void Dispose() => _context.Dispose();

    protected override void Restart()
    {
        Zstd.Reset(_context);
        _ended = true;
    }

    protected override void Fill(Span<byte> target)
    {
        if (Decode(target) is var written && written < target.Length)
            FailShort(CompressionCodec.Zstd, written);
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
