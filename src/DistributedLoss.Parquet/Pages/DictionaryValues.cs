using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>PLAIN_DICTIONARY and RLE_DICTIONARY: one byte of bit width, then indices into the dictionary page as RLE/bit-packed runs.</summary>
internal sealed unsafe class DictionaryValues(ByteFeed feed) : DecodedValues(feed.Context)
{
    private readonly HybridRuns _indices = new(feed);
    private byte* _dictionary;

    /// <param name="count">Entries of the dictionary.</param>
    /// <param name="values">Upper bound of the page's values: its levels say how many are not null.</param>
    public void Open(byte* dictionary, int count, int width, long values)
    {
        _dictionary = dictionary;
        Width = width;
        OpenIndices(feed, _indices, count, values);
    }

    /// <summary>Reads the leading bit width. A page of nulls alone may have no byte at all.</summary>
    public static void OpenIndices(ByteFeed feed, HybridRuns indices, int count, long values)
    {
        var bits = feed.Left == 0 ? 0 : feed.TakeByte();
        if (bits > 32)
            feed.Context.Fail($"dictionary indices of {bits} bits; at most 32 are possible");
        indices.Open(bits, (uint)Math.Max(0, count - 1), count == 0 ? 0 : values);
    }

    public override HybridRuns Indices => _indices;

    public override void Skip(long count) => _indices.Skip(count);

    protected override void Decode(byte* target, int count)
    {
        Span<uint> indices = stackalloc uint[512];
        while (count > 0)
        {
            var n = (int)Math.Min(count, _indices.RepeatedLeft());
            if (n > 0)
            {
                Fill(target, n, _dictionary + (long)_indices.RepeatedValue * Width);
                _indices.Skip(n);
            }
            else
            {
                n = Math.Min(count, indices.Length);
                var batch = indices[..n];
                _indices.Expand(batch);
                Gather(target, batch);
            }
            target += (long)n * Width;
            count -= n;
        }
    }

    private void Fill(byte* target, int count, byte* value)
    {
        if (Width == 4)
            new Span<uint>(target, count).Fill(Unsafe.ReadUnaligned<uint>(value));
        else if (Width == 8)
            new Span<ulong>(target, count).Fill(Unsafe.ReadUnaligned<ulong>(value));
        else
        {
            for (var i = 0; i < count; i++)
                Unsafe.CopyBlockUnaligned(target + (long)i * Width, value, (uint)Width);
        }
    }

    private void Gather(byte* target, ReadOnlySpan<uint> indices)
    {
        if (Width == 4)
        {
            var from = (uint*)_dictionary;
            var to = (uint*)target;
            for (var i = 0; i < indices.Length; i++)
                to[i] = from[indices[i]];
        }
        else if (Width == 8)
        {
            var from = (ulong*)_dictionary;
            var to = (ulong*)target;
            for (var i = 0; i < indices.Length; i++)
                to[i] = from[indices[i]];
        }
        else
        {
            for (var i = 0; i < indices.Length; i++)
                Unsafe.CopyBlockUnaligned(target + (long)i * Width, _dictionary + (long)indices[i] * Width, (uint)Width);
        }
    }
}
