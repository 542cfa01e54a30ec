namespace DistributedLoss.Parquet.Pages;

/// <summary>The non-null values of a page of one fixed width in bytes, taken from front to back as little-endian bytes.</summary>
internal abstract unsafe class FixedValues
{
    /// <summary>Bytes per value as handed out: booleans are one byte.</summary>
    public int Width { get; protected set; }

    /// <summary>The next <paramref name="count"/> values, contiguous; valid until the next call.</summary>
    public abstract byte* Take(int count);

    public abstract void Skip(long count);

    /// <inheritdoc cref="ByteFeed.Ahead"/>
    public virtual nint Ahead => 0;

    /// <summary>The indices that stand for the values of a dictionary-encoded page, to be consumed instead of them; null in other pages.</summary>
    public virtual HybridRuns? Indices => null;

    /// <summary>How many values one <see cref="Take"/> gives cheaply (no window stretched beyond its size), never fewer than <paramref name="unit"/>.</summary>
    public abstract long TakeSize(int unit);
}
