using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// DELTA_BINARY_PACKED integers, one after the other: blocks of miniblocks of bit-packed differences over a minimum. Arithmetic wraps, as the encoding demands.
/// (https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC)
/// </summary>
internal sealed unsafe class DeltaIntegers(ByteFeed feed)
{
    // A miniblock is a multiple of 32 values: 32 packed values are a whole number of bytes at any bit width.
    private const int Group = 32;
    private const int MaxBlock = 1 << 20;
    private readonly long[] _group = new long[Group];
    private byte[] _widths = [];
    private int _perMiniblock;
    private int _miniblocks;
    private long _left;
    private long _value;
    private long _minDelta;
    private int _miniblock;
    private int _miniblockLeft;
    private int _at;
    private bool _first;

    /// <summary>Values not taken yet; a page's header may claim more than are there.</summary>
    public long Left => _left;

    public void Open()
    {
        var block = feed.TakeVarint();
        var miniblocks = feed.TakeVarint();
        _left = feed.TakeVarint();
        _value = feed.TakeZigZag64();
        if (block is 0 or > MaxBlock || block % 128 != 0 || miniblocks == 0 || block % miniblocks != 0 || block / miniblocks % Group != 0)
            feed.Context.Fail($"DELTA_BINARY_PACKED block of {block} values in {miniblocks} miniblocks: multiples of 128 and 32 up to {MaxBlock} are legal");
        (_miniblocks, _perMiniblock) = ((int)miniblocks, (int)(block / miniblocks));
        if (_widths.Length < _miniblocks)
            _widths = new byte[_miniblocks];
        (_miniblock, _miniblockLeft, _at, _first) = (_miniblocks, 0, Group, true);
    }

    public long Take()
    {
        if (_left-- <= 0)
            feed.Context.Fail("DELTA_BINARY_PACKED data holds fewer values than the page has");
        if (_first)
        {
            _first = false;
            return _value;
        }
        if (_at == Group)
            NextGroup();
        return _value += _group[_at++];
    }

    /// <summary>Passes over all that is left, to find where the data behind it begins.</summary>
    public void SkipToEnd()
    {
        while (_left > 0)
            Take();
        // The last miniblock is padded to its full length, which may be several groups (DuckDB's are of 256 values).
        if (_miniblockLeft > 0)
            feed.Skip(Math.Min(_miniblockLeft / 8 * _widths[_miniblock], feed.Left));
    }

    private void NextGroup()
    {
        if (_miniblockLeft == 0)
            NextMiniblock();
        int width = _widths[_miniblock];
        Unpack(feed.Take(Group / 8 * width), width);
        _miniblockLeft -= Group;
        _at = 0;
    }

    private void NextMiniblock()
    {
        if (++_miniblock >= _miniblocks)
        {
            _minDelta = feed.TakeZigZag64();
            new ReadOnlySpan<byte>(feed.Take(_miniblocks), _miniblocks).CopyTo(_widths);
            _miniblock = 0;
        }
        // Miniblocks behind the last value may carry any width: only the ones that are used are looked at.
        if (_widths[_miniblock] > 64)
            feed.Context.Fail($"DELTA_BINARY_PACKED miniblock of {_widths[_miniblock]}-bit values; at most 64 bits are possible");
        _miniblockLeft = _perMiniblock;
    }

    private void Unpack(byte* bits, int width)
    {
        if (width == 0)
        {
            Array.Fill(_group, _minDelta);
            return;
        }
        var mask = width == 64 ? ulong.MaxValue : (1ul << width) - 1;
        for (int i = 0, bit = 0; i < Group; i++, bit += width)
        {
            var at = bits + (bit >> 3);
            var shift = bit & 7;
            var value = Unsafe.ReadUnaligned<ulong>(at) >> shift;
            if (shift + width > 64)
                value |= (ulong)at[8] << (64 - shift);
            _group[i] = _minDelta + (long)(value & mask);
        }
    }
}
