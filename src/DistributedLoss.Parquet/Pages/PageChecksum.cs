using DistributedLoss.Parquet.Compression;

namespace DistributedLoss.Parquet.Pages;

/// <summary>The CRC-32 (ISO-HDLC, as in gzip) of a page's stored bytes, fed piece by piece.</summary>
internal sealed class PageChecksum
{
    private uint _crc;

    public uint Value => _crc;

    public void Reset() => _crc = 0;

    public void Append(ReadOnlySpan<byte> bytes) => _crc = Crc32.Append(_crc, bytes);
}
