namespace DistributedLoss.Parquet.Pages;

/// <summary>Values whose encoding is not their memory layout: decoded into one reused scratch window, as they are taken.</summary>
internal abstract unsafe class DecodedValues(PageContext context) : FixedValues, IDisposable
{
    /// <summary>Half of a small level-2 cache: the consumer finds the decoded values still there.</summary>
    public const int ScratchBytes = 256 << 10;

    private readonly NativeBuffer _scratch = new();

    protected PageContext Context => context;

    public sealed override byte* Take(int count)
    {
        var target = _scratch.Reserve((long)count * Width);
        Decode(target, count);
        return target;
    }

    public override void Skip(long count)
    {
        for (; count > 0; count -= Math.Min(count, SkipBatch))
            Take((int)Math.Min(count, SkipBatch));
    }

    public sealed override long TakeSize(int unit) => Math.Max(unit, ScratchBytes / Width);

    public virtual void Dispose() => _scratch.Dispose();

    /// <summary>Writes the next <paramref name="count"/> values, <see cref="FixedValues.Width"/> bytes each.</summary>
    protected abstract void Decode(byte* target, int count);

    private long SkipBatch => ScratchBytes / Width + 1;
}
