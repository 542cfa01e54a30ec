using System.Buffers.Binary;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Tests.Metadata;

namespace DistributedLoss.Parquet.Tests;

public sealed class ParquetFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dloss-{Guid.NewGuid():N}.parquet");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_file_without_rows_opens()
    {
        Write(FooterTests.Example() with { NumRows = 0, RowGroups = [] });
        using ParquetFile file = ParquetFile.Open(_path);
        Assert.Equal(0, file.Metadata.NumRows);
        Assert.Equal(2, file.Schema.Leaves.Count);
        Assert.Equal(32, file.FooterDigest.Length);
    }

    [Fact]
    public void Missing_files_directories_and_foreign_files_are_told_apart()
    {
        Assert.Contains("no such file", Refusal(), StringComparison.Ordinal);
        Assert.Contains("directory", Assert.Throws<ParquetException>(() => ParquetFile.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
        Assert.Throws<ParquetException>(() => ParquetFile.Open(""));
        Assert.Throws<ParquetException>(() => ParquetFile.Open("a\0b"));
        File.WriteAllBytes(_path, []);
        Assert.Contains("0 bytes", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(_path, "rows,and,commas\n1,2,3\n");
        Assert.Contains("no Parquet file", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(_path, "PAR1 cut short in the pages");
        Assert.Contains("cut short", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(_path, "PARE     PARE");
        Assert.Contains("encrypted", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_footer_longer_than_the_file_or_than_the_limit_is_refused()
    {
        File.WriteAllBytes(_path, [.. "PAR1"u8, 0xff, 0xff, 0xff, 0xff, .. "PAR1"u8]);
        Assert.Contains("4294967295", Refusal(), StringComparison.Ordinal);
        Write(FooterTests.Example() with { NumRows = 0, RowGroups = [] });
        Assert.Contains("limit of 10", Refusal(new ReaderLimits { MaxFooterBytes = 10 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Footers_that_contradict_themselves_are_refused_with_the_place()
    {
        FileMetadata good = Sound();
        RowGroupMetadata group = good.RowGroups[0];
        ColumnChunkMetadata chunk = group.Columns[0], label = group.Columns[1];
        FileMetadata With(ColumnChunkMetadata c) => good with { RowGroups = [group with { Columns = [c, label] }] };
        Write(good);
        ParquetFile.Open(_path).Dispose();
        (FileMetadata Footer, string Says)[] cases =
        [
            (good with { NumRows = 13 }, "13 rows"),
            (good with { RowGroups = [group with { NumRows = -1 }], NumRows = -1 }, "row group 0"),
            (good with { RowGroups = [group, group with { NumRows = long.MaxValue }], NumRows = long.MinValue + 11 }, "row group 1"),
            (good with { RowGroups = [group with { Columns = [label] }] }, "1 columns"),
            (With(chunk with { Type = PhysicalType.Float }), "column logits.list.element"),
            (With(chunk with { NumValues = -5 }), "-5 values"),
            (With(chunk with { TotalCompressedSize = 1000 }), "byte offset 4"),
            (With(chunk with { TotalCompressedSize = -1 }), "-1 bytes"),
            (With(chunk with { DataPageOffset = -8, DictionaryPageOffset = null }), "byte offset -8"),
            (With(chunk with { DataPageOffset = long.MaxValue, DictionaryPageOffset = null }), "byte offset 9223372036854775807"),
        ];
        foreach ((FileMetadata footer, string says) in cases)
        {
            Write(footer);
            string message = Refusal();
            Assert.StartsWith(_path, message, StringComparison.Ordinal);
            Assert.Contains(says, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Chunks_in_other_files_and_encrypted_ones_do_not_keep_the_rest_from_being_read()
    {
        FileMetadata good = Sound();
        RowGroupMetadata group = good.RowGroups[0];
        Write(good with { RowGroups = [group with { Columns = [group.Columns[0] with { FilePath = "other", DataPageOffset = 1 << 30 }, group.Columns[1]] }] });
        using ParquetFile file = ParquetFile.Open(_path);
        Assert.Equal("other", file.Metadata.RowGroups[0].Columns[0].FilePath);
    }

    [Fact]
    public void Reads_past_the_end_are_errors_with_their_offset()
    {
        Write(Sound());
        using ParquetFile file = ParquetFile.Open(_path);
        byte[] bytes = new byte[8];
        file.Read(file.Length - 8, bytes);
        Assert.Equal("PAR1"u8.ToArray(), bytes[4..]);
        Assert.Equal(file.Length - 7, Assert.Throws<ParquetException>(() => file.Read(file.Length - 7, bytes)).Offset);
        Assert.Throws<ParquetException>(() => file.Read(-1, bytes));
        Assert.Throws<ParquetException>(() => file.Read(long.MaxValue, bytes));
        using (FileStream stream = new(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(6);
        }
        Assert.Equal(6, Assert.Throws<ParquetException>(() => file.Read(4, bytes, 3, "x")).Offset);
    }

    [Fact]
    public void Control_characters_in_names_do_not_reach_the_message()
    {
        var e = new ParquetException("what", "path", column: "a\u001b[31m\nb");
        Assert.Equal("path: column a\\u001b[31m\\u000ab: what", e.Message);
        Assert.True(new ParquetException("what", "path", column: new string('x', 1 << 20)).Message.Length < 3000);
    }

    private static FileMetadata Sound()
    {
        FileMetadata example = FooterTests.Example();
        RowGroupMetadata group = example.RowGroups[0];
        ColumnChunkMetadata logits = group.Columns[0] with { TotalCompressedSize = 50 };
        ColumnChunkMetadata label = group.Columns[1] with { DataPageOffset = 54 };
        return example with { RowGroups = [group with { Columns = [logits, label] }] };
    }

    private void Write(FileMetadata footer)
    {
        byte[] bytes = footer.ToBytes();
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        File.WriteAllBytes(_path, [.. "PAR1"u8, .. new byte[98], .. bytes, .. length, .. "PAR1"u8]);
    }

    private string Refusal(ReaderLimits? limits = null) => Assert.Throws<ParquetException>(() => ParquetFile.Open(_path, limits)).Message;
}
