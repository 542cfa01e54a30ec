using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>Booleans, one byte each when taken: PLAIN is one bit a value from the lowest bit on, RLE is a length and hybrid runs of one bit.</summary>
internal sealed unsafe class BooleanValues(ByteFeed feed) : DecodedValues(feed.Context)
{
    private readonly HybridRuns _runs = new(feed);
    private bool _plain;
    private int _bit;
    private byte _byte;

    public void OpenPlain() => (Width, _plain, _bit) = (1, true, 8);

    public void OpenRle(long values)
    {
        (Width, _plain) = (1, false);
        var bytes = feed.Left == 0 ? 0 : feed.TakeInt32();
        if (bytes < 0 || bytes > feed.Left)
            Context.Fail($"RLE booleans of {bytes} bytes; {feed.Left} are left in the page");
        _runs.Open(1, 1, values);
    }

    protected override void Decode(byte* target, int count)
    {
        var i = 0;
        if (!_plain)
        {
            for (; i < count; i++)
                target[i] = (byte)_runs.TakeOne();
            return;
        }
        while (i < count && _bit < 8)
            target[i++] = NextBit();
        for (; i + 8 <= count; i += 8)
            Unsafe.WriteUnaligned(target + i, Spread(feed.TakeByte()));
        while (i < count)
            target[i++] = NextBit();
    }

    // Bit i to byte i: each byte keeps its bit of a copy, and the carry of an addition moves it to the byte's top.
    private static ulong Spread(byte bits)
    {
        var kept = bits * 0x0101010101010101ul & 0x8040201008040201ul;
        return (kept + 0x7f7f7f7f7f7f7f7ful) >> 7 & 0x0101010101010101ul;
    }

    private byte NextBit()
    {
        if (_bit == 8)
            (_byte, _bit) = (feed.TakeByte(), 0);
        return (byte)((_byte >> _bit++) & 1);
    }
}
