namespace DistributedLoss.Parquet.Writing;

/// <summary>BYTE_STREAM_SPLIT (Encodings.md): all values' first bytes, then all their second bytes, and so on.</summary>
internal static class ByteStreamSplit
{
    public static void Encode(ReadOnlySpan<byte> plain, int width, Span<byte> destination)
    {
        int count = plain.Length / width;
        for (int k = 0; k < width; k++)
        {
            Span<byte> stream = destination.Slice(k * count, count);
            for (int i = 0; i < count; i++)
            {
                stream[i] = plain[(i * width) + k];
            }
        }
    }
}
