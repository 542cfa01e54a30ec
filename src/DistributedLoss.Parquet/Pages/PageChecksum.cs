using DistributedLoss.Parquet.Compression;

namespace DistributedLoss.Parquet.Pages;

/// <summary>The CRC-32 (ISO-HDLC, as in gzip) of a page's stored bytes, fed piece by piece.</summary>
internal sealed class PageChecksum
{
    private uint _crc;

    public uint Value => _crc;

    /// <param name="crc">Of what came before.</param>
    public void Reset(uint crc = 0) => _crc = crc;

    public void Append(ReadOnlySpan<byte> bytes) => _crc = Crc32.Append(_crc, bytes);
}
