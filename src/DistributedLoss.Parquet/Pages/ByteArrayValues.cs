namespace DistributedLoss.Parquet.Pages;

/// <summary>The non-null BYTE_ARRAY values of a page, taken one by one from front to back.</summary>
internal abstract unsafe class ByteArrayValues
{
    /// <summary>The next value; valid until the next call.</summary>
    public abstract byte* Take(out int length);

    /// <summary>As <see cref="FixedValues.Indices"/>.</summary>
    public virtual HybridRuns? Indices => null;

    public virtual void Skip(long count)
    {
        for (; count > 0; count--)
            Take(out _);
    }
}

/// <summary>PLAIN: four bytes of length, then the bytes.</summary>
internal sealed unsafe class PlainByteArrays(ByteFeed feed) : ByteArrayValues
{
    public override byte* Take(out int length)
    {
        length = TakeLength();
        return feed.Take(length);
    }

    public override void Skip(long count)
    {
        for (; count > 0; count--)
            feed.Skip(TakeLength());
    }

    private int TakeLength()
    {
        var length = feed.TakeInt32();
        if (length < 0 || length > feed.Left)
            feed.Context.Fail($"a value of {length} bytes; {feed.Left} are left in the page");
        return length;
    }
}

/// <summary>DELTA_LENGTH_BYTE_ARRAY: all lengths as DELTA_BINARY_PACKED, then all bytes. Lengths are read along with the bytes, never held.</summary>
internal sealed unsafe class DeltaLengthByteArrays : ByteArrayValues
{
    private readonly ByteFeed _lengthFeed;
    private readonly ByteFeed _data;
    private readonly DeltaIntegers _lengths;

    public DeltaLengthByteArrays(PageContext context)
    {
        (_lengthFeed, _data) = (new ByteFeed(context), new ByteFeed(context));
        _lengths = new DeltaIntegers(_lengthFeed);
    }

    public void Open(byte* values, long bytes)
    {
        var lengthBytes = DeltaSections.Measure(_lengthFeed, _lengths, values, bytes);
        _data.OpenMemory(values + lengthBytes, bytes - lengthBytes);
    }

    public override byte* Take(out int length)
    {
        length = DeltaSections.Length(_lengths, _data.Left, _data.Context);
        return _data.Take(length);
    }
}

/// <summary>DELTA_BYTE_ARRAY: the length of the prefix shared with the value before, then the suffixes as DELTA_LENGTH_BYTE_ARRAY.</summary>
internal sealed unsafe class DeltaByteArrays : ByteArrayValues, IDisposable
{
    private readonly ByteFeed _prefixFeed;
    private readonly DeltaIntegers _prefixes;
    private readonly DeltaLengthByteArrays _suffixes;
    private readonly PageContext _context;
    private readonly int _maxLength;
    private NativeBuffer _value = new();
    private NativeBuffer _next = new();
    private int _length;

    /// <param name="maxLength">Prefixes let a page of a few bytes spell out very long values: this is where it stops.</param>
    public DeltaByteArrays(PageContext context, int maxLength)
    {
        (_context, _maxLength) = (context, maxLength);
        _prefixFeed = new ByteFeed(context);
        _prefixes = new DeltaIntegers(_prefixFeed);
        _suffixes = new DeltaLengthByteArrays(context);
    }

    public void Open(byte* values, long bytes)
    {
        var prefixBytes = DeltaSections.Measure(_prefixFeed, _prefixes, values, bytes);
        _suffixes.Open(values + prefixBytes, bytes - prefixBytes);
        _length = 0;
    }

    public override byte* Take(out int length)
    {
        var prefix = DeltaSections.Length(_prefixes, _length, _context);
        var suffix = _suffixes.Take(out var suffixLength);
        if (prefix + (long)suffixLength > _maxLength)
            _context.Fail($"a value of {prefix + (long)suffixLength} bytes; the limit is {_maxLength}");
        length = prefix + suffixLength;
        if (length > _value.Capacity)
        {
            new ReadOnlySpan<byte>(_value.Start, prefix).CopyTo(new Span<byte>(_next.Reserve(Math.Max(length, _value.Capacity * 2)), prefix));
            (_value, _next) = (_next, _value);
        }
        new ReadOnlySpan<byte>(suffix, suffixLength).CopyTo(new Span<byte>(_value.Start + prefix, suffixLength));
        _length = length;
        return _value.Start;
    }

    public void Dispose()
    {
        _value.Dispose();
        _next.Dispose();
    }
}

/// <summary>What the two delta encodings of byte arrays share: sections of packed lengths whose end must be found by reading them.</summary>
internal static unsafe class DeltaSections
{
    /// <summary>Opens the lengths that stand at <paramref name="values"/> and says how many bytes they take.</summary>
    public static long Measure(ByteFeed feed, DeltaIntegers lengths, byte* values, long bytes)
    {
        feed.OpenMemory(values, bytes);
        lengths.Open();
        lengths.SkipToEnd();
        var measured = bytes - feed.Left;
        feed.OpenMemory(values, measured);
        lengths.Open();
        return measured;
    }

    public static int Length(DeltaIntegers lengths, long most, PageContext context)
    {
        var length = lengths.Take();
        if (length < 0 || length > Math.Min(most, int.MaxValue))
            context.Fail($"a length of {length} bytes where at most {most} are possible");
        return (int)length;
    }
}
