using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Zstandard, block by block into a ring as long as what the frame may refer back to. libzstd's own streams do the same inside, and then copy each block
/// out, and into their input buffer before: here blocks are decompressed from where the file was read to where their values are used.
/// </summary>
/// <remarks>"Buffer-less streaming decompression" in zstd.h: outside its stable interface, but exported by every build of the library since 2016.</remarks>
internal sealed unsafe class ZstdBlockDecoder(int maxWindowBytes, int maxKeptBytes) : StreamDecoder
{
    // Frames and blocks announce the size of what follows: that is what is read.
    private const int HeaderReadBytes = 4096;
    private const int BlockHeaderBytes = 3;
    private const int Block = ZstdFrame.MostBlockBytes;
    private const int Line = 64;

    // ZSTD_decodingBufferSize_min: a block's literals may wait behind its output, and copies run over their end. And up to a line for alignment.
    private const int BeyondWindow = 2 * Block + 64 + Line;
    private readonly Zstd.Context _context = new();
    private NativeBuffer _memory = new();

    // Before the ring, whose size is the other, there is room for what is kept of a piece that was its last.
    private readonly long _front = (maxKeptBytes + Line - 1L) / Line * Line;
    private long _size;
    private long _at;
    private bool _inFrame;

    private byte* Next => Ring + _at;

    private byte* Ring => _memory.Start + _front;

    public override void Finish()
    {
        while (true)
        {
            while (_inFrame)
            {
                if (Step(0) != 0)
                    FailLong(CompressionCodec.Zstd);
            }
            if (Input.Peek(1, HeaderReadBytes).IsEmpty)
                return;
            if (NextFrame() >= 0)
                BeginFrame();
        }
    }

    public override void Dispose()
    {
        _context.Dispose();
        _memory.Dispose();
    }

    protected override void Restart()
    {
        _inFrame = false;
        _at = 0;
    }

    protected override byte* Produce(int kept, out int count)
    {
        var wanted = Math.Min(PieceBytes, Length - Done);
        var done = 0L;
        while (done < wanted)
        {
            if (!_inFrame)
            {
                var window = NextFrame();
                if (window < 0)
                    continue;
                var room = Math.Min(Length - Done - done + Block + Line, window + BeyondWindow + PieceBytes);
                if (_at + room > _size)
                {
                    // What a frame has in the ring is of no use to the next.
                    if (done > 0)
                        break;
                    if (room > _size)
                        Grow(kept, room);
                    else
                        Wrap(kept);
                }
                BeginFrame();
            }
            if (_at + Block > _size)
            {
                if (done > 0)
                    break;
                Wrap(kept);
            }
            var written = Step(done);
            _at += written;
            done += written;
        }
        count = (int)done;
        return Next - done;
    }

    /// <summary>Goes on at the ring's beginning, what is kept before it: where that begins a row, it begins a line of the cache.</summary>
    private void Wrap(int kept)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kept, maxKeptBytes);
        var last = Next - kept;
        _at = kept % Line;
        Buffer.MemoryCopy(last, Next - kept, kept, kept);
    }

    private void Grow(int kept, long size)
    {
        var larger = new NativeBuffer();
        larger.Reserve(_front + size);
        if (kept > 0)
            Buffer.MemoryCopy(Next - kept, larger.Start + _front - kept, kept, kept);
        _memory.Dispose();
        (_memory, _size, _at) = (larger, size, 0);
    }

    /// <returns>The window of the frame that comes next; negative where it was one of no content, which has been passed over.</returns>
    private long NextFrame()
    {
        var header = Input.Peek(ZstdFrame.MostHeaderBytes, HeaderReadBytes);
        if (header.IsEmpty)
            FailShort(CompressionCodec.Zstd, 0);
        var frame = ZstdFrame.Parse(header);
        if (frame.SkippableBytes > 0)
        {
            Pass(frame.SkippableBytes);
            return -1;
        }
        return frame.WindowBytes <= (ulong)maxWindowBytes ? (long)frame.WindowBytes
            : throw Codecs.Damaged(CompressionCodec.Zstd, $"it needs {frame.WindowBytes} bytes of memory to look back on, over the limit of {maxWindowBytes}");
    }

    private void BeginFrame()
    {
        Zstd.Begin(_context);
        _inFrame = true;
    }

    private void Pass(long bytes)
    {
        while (bytes > 0)
        {
            var next = Input.Peek(1, HeaderReadBytes);
            if (next.IsEmpty)
                throw Codecs.Damaged(CompressionCodec.Zstd, "it ends inside a frame to be passed over");
            var passed = (int)Math.Min(bytes, next.Length);
            Input.Advance(passed);
            bytes -= passed;
        }
    }

    /// <summary>Decodes the next part of the frame: a header, a block or the checksum.</summary>
    private int Step(long done)
    {
        var wanted = Zstd.NextInput(_context);
        if (wanted == 0)
        {
            _inFrame = false;
            return 0;
        }
        var source = Input.Peek(wanted, wanted + BlockHeaderBytes);
        if (source.Length < wanted)
            throw Codecs.Damaged(CompressionCodec.Zstd, $"it ends inside a frame, after {Done + done} bytes of output");
        var written = Zstd.Continue(_context, source[..wanted], Next, _size - _at);
        Input.Advance(wanted);
        if (Done + done + written > Length)
            FailLong(CompressionCodec.Zstd);
        return written;
    }
}
