using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Compression;

/// <summary>A decoder that writes piece behind piece into one buffer; when that is full, what is still needed slides to its front.</summary>
internal abstract unsafe class SlidingDecoder : StreamDecoder
{
    /// <summary>Bytes behind the end of what is to be written that may be overwritten: copies move whole vectors.</summary>
    protected const int Slack = 64;

    private const int Line = 64;
    private NativeBuffer _buffer = new();

    // Where the page's oldest byte that is still there stands, and where the next one goes.
    private long _first;
    private long _at;

    /// <summary>Bytes before the next one that the stream may refer to.</summary>
    protected virtual long History => 0;

    public override void Dispose() => _buffer.Dispose();

    /// <summary>Writes the next <paramref name="count"/> bytes of the page at <paramref name="target"/>.</summary>
    /// <param name="before">Bytes of the page that stand before the target.</param>
    /// <returns>False if the page has to be decompressed anew with more <see cref="History"/>.</returns>
    protected abstract bool Fill(byte* target, int count, long before);

    protected override void Restart() => (_first, _at) = (0, 0);

    protected sealed override byte* Produce(int kept, out int count)
    {
        count = (int)Math.Min(PieceBytes, Length - Done);
        MakeRoom(Math.Min(_at - _first, Math.Max(kept, History)), kept, count);
        if (!Fill(_buffer.Start + _at, count, _at - _first))
            Repeat(count);
        var first = _buffer.Start + _at;
        _at += count;
        return first;
    }

    private void Repeat(int count)
    {
        Input.Rewind();
        Restart();
        MakeRoom(0, 0, Done + count);
        // The pieces handed out before, again.
        for (; _at < Done; _at += PieceBytes)
            Fill(_buffer.Start + _at, (int)Math.Min(PieceBytes, Done - _at), _at);
        _at = Done;
        Fill(_buffer.Start + _at, count, _at);
    }

    private void MakeRoom(long held, int kept, long count)
    {
        if (_at + count + Slack <= _buffer.Capacity)
            return;
        // What is kept begins a row, and shall begin a line of the cache.
        var first = ((kept - held) % Line + Line) % Line;
        var from = _buffer.Start + (_at - held);
        var least = first + held + count + Slack;
        if (least > _buffer.Capacity)
        {
            // Room for several pieces, so that they seldom slide; no more than the page needs.
            var larger = new NativeBuffer();
            larger.Reserve(Math.Max(least, Math.Min(least + 3L * PieceBytes, Line + Length + Slack)));
            Buffer.MemoryCopy(from, larger.Start + first, held, held);
            _buffer.Dispose();
            _buffer = larger;
        }
        else
            Buffer.MemoryCopy(from, _buffer.Start + first, held, held);
        (_first, _at) = (first, first + held);
    }
}
