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
        for (var i = 0; i < count; i++)
            target[i] = _plain ? NextBit() : (byte)_runs.TakeOne();
    }

    private byte NextBit()
    {
        if (_bit == 8)
            (_byte, _bit) = (feed.TakeByte(), 0);
        return (byte)((_byte >> _bit++) & 1);
    }
}
