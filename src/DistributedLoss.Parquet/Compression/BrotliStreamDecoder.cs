using System.Buffers;
using System.IO.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>Brotli in pieces. Its window is at most 16 MiB (RFC 7932, section 9.1).</summary>
internal sealed unsafe class BrotliStreamDecoder : SlidingDecoder
{
    private BrotliDecoder _state;
    private bool _ended;

    public override void Finish()
    {
        Span<byte> beyond = stackalloc byte[1];
        if (!_ended && Decode(beyond) != 0 || !Input.Peek().IsEmpty)
            FailLong(CompressionCodec.Brotli);
    }

    public override void Dispose()
    {
        base.Dispose();
        _state.Dispose();
    }

    // A decoder's state is good for one stream.
    protected override void Restart()
    {
        base.Restart();
        _state.Dispose();
        (_state, _ended) = (default, false);
    }

    protected override bool Fill(byte* target, int count, long before)
    {
        if (Decode(new Span<byte>(target, count)) is var written && written < count)
            FailShort(CompressionCodec.Brotli, written);
        return true;
    }

    // As many bytes as are wanted; fewer only if the stream ends.
    private int Decode(Span<byte> target)
    {
        var done = 0;
        while (done < target.Length && !_ended)
        {
            var source = Input.Peek();
            var status = _state.Decompress(source, target[done..], out var consumed, out var written);
            Input.Advance(consumed);
            done += written;
            if (status == OperationStatus.InvalidData)
                throw Codecs.Damaged(CompressionCodec.Brotli, $"after {Done + done} bytes of output");
            if (status == OperationStatus.NeedMoreData && source.IsEmpty)
                throw Codecs.Damaged(CompressionCodec.Brotli, $"it ends early, after {Done + done} bytes of output");
            _ended = status == OperationStatus.Done;
        }
        return done;
    }
}
