using System.Text;
using DistributedLoss.Parquet.Compression;

namespace DistributedLoss.Parquet.Tests.Compression;

public class Crc32Tests
{
    // From zlib by way of Python: zlib.crc32(bytes((i * 197 + (i >> 7)) & 255 for i in range(n))).
    [Theory]
    [InlineData(0, 0x00000000u)]
    [InlineData(1, 0xd202ef8du)]
    [InlineData(15, 0x246ac5d1u)]
    [InlineData(127, 0xd2850ac0u)]
    [InlineData(128, 0x1507c233u)]
    [InlineData(143, 0x2e973f82u)]
    [InlineData(1000, 0xe095b05bu)]
    [InlineData(100003, 0x04438a2cu)]
    public void Checksums_are_zlibs(int length, uint expected)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)((i * 197) + (i >> 7)))];
        Assert.Equal(expected, Crc32.Compute(bytes));
        Assert.Equal(expected, ~Crc32.AppendTable(~0u, bytes));
    }

    [Fact]
    public void The_check_value_is_the_catalogues() => Assert.Equal(0xcbf43926u, Crc32.Compute("123456789"u8));

    [Fact]
    public void Appending_in_parts_is_computing_the_whole()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 400)));
        uint whole = Crc32.Compute(bytes);
        for (int cut = 0; cut <= bytes.Length; cut += 13)
        {
            Assert.Equal(whole, Crc32.Append(Crc32.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }
}
