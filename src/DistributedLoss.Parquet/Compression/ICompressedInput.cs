namespace DistributedLoss.Parquet.Compression;

/// <summary>A page's compressed bytes as a <see cref="StreamDecoder"/> takes them: from front to back, a piece at a time.</summary>
internal interface ICompressedInput
{
    /// <summary>Bytes that come next, as many as are at hand; none at the end alone. Valid until the next call.</summary>
    ReadOnlySpan<byte> Peek();

    /// <summary>Passes over bytes of the last <see cref="Peek"/>.</summary>
    void Advance(int count);

    /// <summary>The last bytes of all, which may lie far ahead.</summary>
    /// <returns>False if there are not so many.</returns>
    bool TryReadTail(Span<byte> tail);
}
