namespace DistributedLoss.Parquet.Pages;

/// <summary>PLAIN values of fixed width: the page's own bytes, handed out where they lie.</summary>
internal sealed unsafe class PlainValues(ByteFeed feed) : FixedValues
{
    public void Open(int width) => Width = width;

    public override byte* Take(int count) => feed.Take((long)count * Width);

    public override nint Ahead => feed.Ahead;

    public override void Skip(long count) => feed.Skip(count * Width);

    public override long TakeSize(int unit) => Math.Max(unit, feed.Ready((long)unit * Width) / Width);
}
