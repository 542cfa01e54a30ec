using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Metadata;

public class ThriftTests
{
    [Fact]
    public void A_page_header_that_another_writer_wrote_is_read_field_by_field()
    {
        // By hand from thrift-compact-protocol.md: i32 1=0, 2=100, 3=64, 4=-1, struct 5 {1: 25, 2: 0, 3: 3, 4: 3, unknown 5: {binary 1}}.
        byte[] bytes =
        [
            0x15, 0x00, 0x15, 0xc8, 0x01, 0x15, 0x80, 0x01, 0x15, 0x01,
            0x1c, 0x15, 0x32, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x1c, 0x18, 0x02, 0x61, 0x62, 0x00, 0x00, 0x00,
        ];
        Assert.True(PageHeader.TryParse(bytes, 0, out PageHeader header, out int length));
        Assert.Equal(bytes.Length, length);
        Assert.Equal(PageType.Data, header.Type);
        Assert.Equal(100, header.UncompressedSize);
        Assert.Equal(64, header.CompressedSize);
        Assert.Equal(uint.MaxValue, header.Crc);
        Assert.Equal(25, header.NumValues);
        Assert.Equal(ParquetEncoding.Rle, header.DefinitionLevelEncoding);
    }

    [Fact]
    public void A_page_header_cut_short_anywhere_asks_for_more_bytes()
    {
        byte[] bytes = DataV2.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(PageHeader.TryParse(bytes.AsSpan(0, length), 0, out _, out _), $"{length} of {bytes.Length} bytes");
        }
        Assert.True(PageHeader.TryParse(bytes, 0, out PageHeader whole, out _));
        Assert.Equal(DataV2, whole);
    }

    [Fact]
    public void Page_headers_of_every_type_come_back_as_they_were_written()
    {
        PageHeader[] headers =
        [
            DataV2,
            new() { Type = PageType.Data, UncompressedSize = int.MaxValue, CompressedSize = 1, Crc = 0x80000000, NumValues = 3, Encoding = ParquetEncoding.ByteStreamSplit, DefinitionLevelEncoding = ParquetEncoding.BitPacked, RepetitionLevelEncoding = ParquetEncoding.Rle },
            new() { Type = PageType.Dictionary, UncompressedSize = 4, CompressedSize = 4, NumValues = 1, DefinitionLevelEncoding = ParquetEncoding.Rle, RepetitionLevelEncoding = ParquetEncoding.Rle },
            new() { Type = PageType.Index, UncompressedSize = 4, CompressedSize = 4 },
        ];
        foreach (PageHeader header in headers)
        {
            Assert.True(PageHeader.TryParse(header.ToBytes(), 0, out PageHeader back, out _));
            Assert.Equal(header, back);
        }
    }

    [Theory]
    [InlineData("field 4: 2^64 as a varint", new byte[] { 0x46, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00 })]
    [InlineData("field 1: an i32 of 33 bits", new byte[] { 0x15, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x00 })]
    [InlineData("field 1: a string", new byte[] { 0x18, 0x01, 0x61, 0x00 })]
    [InlineData("type 14", new byte[] { 0x1e, 0x00 })]
    [InlineData("no fields", new byte[] { 0x00 })]
    [InlineData("negative sizes", new byte[] { 0x15, 0x02, 0x15, 0x01, 0x15, 0x01, 0x00 })]
    public void Malformed_bytes_are_an_error(string what, byte[] bytes)
    {
        var e = Assert.Throws<ParquetException>(() => PageHeader.TryParse(bytes, 1000, out _, out _));
        Assert.True(e.Offset >= 1000, $"{what}: {e.Message}");
    }

    [Fact]
    public void Nesting_deeper_than_the_limit_is_an_error_not_a_stack_overflow()
    {
        byte[] structs = [.. Enumerable.Repeat((byte)0x2c, 1_000_000)];
        Assert.Throws<ParquetException>(() => PageHeader.TryParse(structs, 0, out _, out _));
        byte[] lists = [0x29, .. Enumerable.Repeat((byte)0x19, 1_000_000)];
        Assert.Throws<ParquetException>(() => FileMetadata.Parse(lists));
    }

    [Fact]
    public void A_list_longer_than_its_bytes_is_an_error_and_allocates_nothing()
    {
        // Field 4, a list of 2^31 - 1 structures, in a footer of 7 bytes.
        byte[] bytes = [0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ParquetException>(() => FileMetadata.Parse(bytes));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void More_elements_than_the_limit_are_an_error()
    {
        byte[] bytes = [0x49, 0xfc, 0xd0, 0x0f, .. new byte[2000]];
        Assert.Contains("limit", Assert.Throws<ParquetException>(
            () => FileMetadata.Parse(bytes, new ReaderLimits { MaxFooterElements = 1999 })).Message, StringComparison.Ordinal);
    }

    private static readonly PageHeader DataV2 = new()
    {
        Type = PageType.DataV2,
        UncompressedSize = 70_000,
        CompressedSize = 300,
        Crc = 0xdeadbeef,
        NumValues = 1000,
        NumNulls = 7,
        NumRows = 10,
        Encoding = ParquetEncoding.RleDictionary,
        DefinitionLevelEncoding = ParquetEncoding.Rle,
        RepetitionLevelEncoding = ParquetEncoding.Rle,
        DefinitionLevelsByteLength = 12,
        RepetitionLevelsByteLength = 200,
        IsCompressed = false,
    };
}
