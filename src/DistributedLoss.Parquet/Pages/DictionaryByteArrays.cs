namespace DistributedLoss.Parquet.Pages;

/// <summary>Dictionary-encoded BYTE_ARRAY values: indices into the dictionary page, whose values stay where they are.</summary>
internal sealed unsafe class DictionaryByteArrays(ByteFeed feed) : ByteArrayValues
{
    private readonly HybridRuns _indices = new(feed);
    private byte* _dictionary;
    private int* _offsets;

    /// <param name="offsets">Per entry the offset of its four length bytes within the dictionary page, which its bytes follow.</param>
    public void Open(byte* dictionary, int* offsets, int count, long values)
    {
        _dictionary = dictionary;
        _offsets = offsets;
        DictionaryValues.OpenIndices(feed, _indices, count, values);
    }

    public override HybridRuns Indices => _indices;

    public override byte* Take(out int length)
    {
        var at = _dictionary + _offsets[_indices.TakeOne()];
        length = *(int*)at;
        return at + sizeof(int);
    }

    public override void Skip(long count) => _indices.Skip(count);
}
