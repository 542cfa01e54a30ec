using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// What LZ4 and Snappy have in common: a stream of elements, each of which is so many literal bytes or a copy of what was before. A piece may end
/// within an element, which then goes on in the next.
/// </summary>
internal abstract unsafe class LzStreamDecoder(CompressionCodec codec) : SlidingDecoder
{
    /// <summary>Read at a time: small enough for the cache, worth a system call.</summary>
    protected const int InputBytes = 128 << 10;

    /// <summary>Literal bytes still to be copied from the input.</summary>
    protected long Literals { get; set; }

    /// <summary>Bytes still to be copied from <see cref="Offset"/> bytes back, behind the literals.</summary>
    protected long Copies { get; set; }

    protected uint Offset { get; set; }

    protected override void Restart()
    {
        base.Restart();
        (Literals, Copies) = (0, 0);
    }

    /// <summary>Decodes as many whole elements as it can fast. At least it takes something from the input, as <see cref="Literals"/> or <see cref="Copies"/>.</summary>
    /// <param name="d">Where the next byte goes.</param>
    /// <param name="end">Bytes up to here are wanted; <see cref="SlidingDecoder.Slack"/> more may be overwritten.</param>
    /// <param name="first">The oldest byte that is still there.</param>
    /// <returns>Where the byte behind them goes.</returns>
    protected abstract byte* Decode(byte* d, byte* end, byte* first);

    /// <summary>Whether a copy from <paramref name="offset"/> bytes back, farther than is still there, can be had by beginning anew.</summary>
    /// <exception cref="ParquetException">Nothing can help.</exception>
    protected virtual bool TryLookFarther(uint offset, long before) => throw TooFar(offset, before);

    protected ParquetException TooFar(uint offset, long before) => Codecs.Damaged(codec, $"a copy from {offset} bytes back after {before}");

    protected sealed override bool Fill(byte* target, int count, long before)
    {
        byte* d = target, end = target + count, first = target - before;
        while (d < end)
        {
            if (Literals > 0)
                d += TakeLiterals(d, end - d, d - target);
            else if (Copies > 0)
            {
                if (Offset == 0 || Offset > d - first)
                    return TryLookFarther(Offset, Done + (d - target)) ? false : throw TooFar(Offset, Done + (d - target));
                var n = Math.Min(Copies, end - d);
                BackCopy.Copy(d, Offset, n, end + Slack);
                Copies -= n;
                d += n;
            }
            else
                d = Decode(d, end, first);
        }
        return true;
    }

    protected int TakeByte()
    {
        var next = Input.Peek(1, InputBytes);
        if (next.IsEmpty)
            throw Codecs.Damaged(codec, "it ends inside an element");
        var value = next[0];
        Input.Advance(1);
        return value;
    }

    protected uint TakeLittleEndian(int bytes)
    {
        var value = 0u;
        for (var i = 0; i < bytes; i++)
            value |= (uint)TakeByte() << (8 * i);
        return value;
    }

    private long TakeLiterals(byte* d, long room, long written)
    {
        var source = Input.Peek(1, InputBytes);
        if (source.IsEmpty)
            FailShort(codec, written);
        var n = (int)Math.Min(Math.Min(Literals, room), source.Length);
        source[..n].CopyTo(new Span<byte>(d, n));
        Input.Advance(n);
        Literals -= n;
        return n;
    }
}
