namespace DistributedLoss.Parquet.Compression;

/// <summary>A page's compressed bytes as a <see cref="StreamDecoder"/> takes them: from front to back, a piece at a time.</summary>
internal interface ICompressedInput
{
    /// <summary>Bytes that come next, as many as are at hand; none at the end alone. Valid until the next call.</summary>
    ReadOnlySpan<byte> Peek() => Peek(1, int.MaxValue);

    /// <summary>At least <paramref name="least"/> of the bytes that come next, fewer only if there are no more. Valid until the next call.</summary>
    /// <param name="most">Where bytes have to be read, they are read as far as this: whoever knows what is needed next spares a copy of the rest.</param>
    ReadOnlySpan<byte> Peek(int least, int most);

    /// <summary>Passes over bytes of the last <see cref="Peek()"/>.</summary>
    void Advance(int count);

    /// <summary>Goes back to the page's first byte.</summary>
    void Rewind();

    /// <summary>The last bytes of all, which may lie far ahead.</summary>
    /// <returns>False if there are not so many.</returns>
    bool TryReadTail(Span<byte> tail);
}
