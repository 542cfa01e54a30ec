namespace DistributedLoss.Parquet.Writing;

/// <summary>Bytes that are appended and then read as one span. Keeps its memory when cleared.</summary>
internal sealed class GrowingBuffer
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The next <paramref name="count"/> bytes, for the caller to fill.</summary>
    public Span<byte> Append(int count)
    {
        int end = checked(Length + count);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max((uint)end, 2 * (uint)_bytes.Length)));
        }
        Span<byte> added = _bytes.AsSpan(Length, count);
        Length = end;
        return added;
    }

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));

    public void AppendVarint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Append(1)[0] = (byte)(value | 0x80);
        }
        Append(1)[0] = (byte)value;
    }

    public void Clear() => Length = 0;
}
