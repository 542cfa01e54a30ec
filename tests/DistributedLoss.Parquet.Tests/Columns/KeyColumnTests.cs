using System.Text.Json;
using DistributedLoss.Parquet.Columns;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>Columns of every scalar type, from four other writers (tests/fixtures/slices), which were given the texts that their keys must have.</summary>
public class KeyColumnTests(ITestOutputHelper output)
{
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(FixtureTests.PathOf("slices/expected.json"))).RootElement;

    public static TheoryData<string, string> Columns()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Expected.EnumerateObject())
        {
            foreach (var column in file.Value.EnumerateObject())
                data.Add(file.Name, column.Name);
        }
        return data;
    }

    [Theory, MemberData(nameof(Columns))]
    public void A_key_has_the_text_of_its_value_and_a_null_has_none(string name, string column)
    {
        var expected = Texts(name, column);
        foreach (var (window, atOnce) in new[] { (512 << 10, 1000), (64, 7) })
        {
            using var file = ParquetFile.Open(FixtureTests.PathOf($"slices/{name}"), DumpReadingTests.Limits(window));
            var table = new KeyTable(100);
            var keys = Read(file, column, table, atOnce);
            Assert.Equal(expected, keys.Select(key => key == KeyTable.Null ? null : table[key]));
            // First come, first numbered; nothing that no row has, such as a dictionary's unused entries.
            Assert.Equal(expected.Where(text => text is not null).Distinct(), Enumerable.Range(0, table.Count).Select(key => table[key]));
        }
    }

    [Theory, MemberData(nameof(Columns))]
    public void Rows_can_be_passed_over(string name, string column)
    {
        var expected = Texts(name, column);
        using var file = ParquetFile.Open(FixtureTests.PathOf($"slices/{name}"));
        var rows = (int)file.Metadata.RowGroups[0].NumRows;
        foreach (var skipped in new[] { 1, rows - 2, rows })
        {
            using var reader = KeyColumnReader.Open(file, column, 0);
            reader.Skip(skipped);
            var (table, keys) = (new KeyTable(100), new int[rows]);
            Assert.Equal(rows - skipped, reader.Read(keys, table));
            Assert.Equal(expected[skipped..rows], keys[..(rows - skipped)].Select(key => key == KeyTable.Null ? null : table[key]));
            Assert.Equal(0, reader.Read(keys, table));
        }
    }

    // Values as the reference library's own documentation and its readers' tests (arrow-rs: int96_from_spark) give them.
    [Theory]
    [InlineData("alltypes_plain", "timestamp_col", "2009-03-01T00:00:00|2009-03-01T00:01:00|2009-04-01T00:00:00|2009-04-01T00:01:00|2009-02-01T00:00:00|2009-02-01T00:01:00|2009-01-01T00:00:00|2009-01-01T00:01:00")]
    [InlineData("int96_from_spark", "a", "2024-01-01T20:34:56.123456|2024-01-01T01:00:00|9999-12-31T03:00:00|2024-12-30T23:00:00|")]
    [InlineData("byte_array_decimal", "value", "1.00|2.00|3.00|4.00|5.00|6.00|7.00|8.00|9.00|10.00|11.00|12.00|13.00|14.00|15.00|16.00|17.00|18.00|19.00|20.00|21.00|22.00|23.00|24.00")]
    [InlineData("int64_decimal", "value", "1.00|2.00|3.00|4.00|5.00|6.00|7.00|8.00|9.00|10.00|11.00|12.00|13.00|14.00|15.00|16.00|17.00|18.00|19.00|20.00|21.00|22.00|23.00|24.00")]
    public void Types_that_only_the_reference_files_have_are_keys_too(string name, string column, string texts)
    {
        foreach (var path in TestFiles.Reference("data", output).Where(path => Path.GetFileNameWithoutExtension(path) == name))
        {
            using var file = ParquetFile.Open(path);
            var table = new KeyTable(100);
            // The last row of int96_from_spark lies beyond what its writer could count.
            var rows = texts.Split('|');
            Assert.Equal(rows, Read(file, column, table, 5).Take(rows.Length).Select(key => key == KeyTable.Null ? "" : table[key]));
        }
    }

    [Fact]
    public void One_table_numbers_the_keys_of_several_columns_row_groups_and_files()
    {
        var table = new KeyTable(100);
        var all = new List<string?>();
        foreach (var (name, column) in new[] { ("arrow_times_groups.parquet", "text"), ("duckdb_plain_none.parquet", "text"), ("hyparquet_encodings.parquet", "delta") })
        {
            using var file = ParquetFile.Open(FixtureTests.PathOf($"slices/{name}"));
            all.AddRange(Read(file, column, table, 10).Select(key => key == KeyTable.Null ? null : table[key]));
        }
        Assert.Equal([.. Texts("arrow_times_groups.parquet", "text"), .. Texts("duckdb_plain_none.parquet", "text"), .. Texts("hyparquet_encodings.parquet", "delta")], all);
        Assert.Equal(all.OfType<string>().Distinct().Count(), table.Count);
        Assert.Equal(0, table.Add(table[0]));
    }

    [Fact]
    public void A_reader_that_is_given_another_table_fills_that_one()
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("slices/duckdb_dictionary_snappy.parquet"));
        foreach (var column in new[] { "text", "i64", "d38" })
        {
            var expected = Texts("duckdb_dictionary_snappy.parquet", column);
            using var reader = KeyColumnReader.Open(file, column, 0);
            for (var row = 0; row < expected.Length; row += 20)
            {
                var (table, keys) = (new KeyTable(10), new int[20]);
                reader.Read(keys, table);
                Assert.Equal(expected[row..(row + 20)], keys.Select(key => key == KeyTable.Null ? null : table[key]));
                Assert.Equal(0, keys.First(key => key != KeyTable.Null));
            }
        }
    }

    [Fact]
    public void A_table_of_many_keys_finds_each_of_them()
    {
        var random = new Random(9);
        var (table, keys) = (new KeyTable(int.MaxValue), new Dictionary<string, int>());
        for (var turn = 0; turn < 60_000; turn++)
        {
            // Lengths around a chunk's end, texts that begin alike, and each of them several times.
            var text = new string((char)('a' + random.Next(3)), random.Next(1000) == 0 ? random.Next(70_000) : random.Next(3)) + random.Next(20_000);
            if (!keys.TryGetValue(text, out var key))
                keys.Add(text, key = keys.Count);
            Assert.Equal(key, table.Add(text));
        }
        Assert.Equal(keys.Count, table.Count);
        Assert.All(keys, pair => Assert.Equal(pair.Key, table[pair.Value]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table[table.Count]);
        Assert.Throws<ArgumentOutOfRangeException>(() => table[KeyTable.Null]);
    }

    [Fact]
    public void One_key_too_many_is_an_exception_that_names_it()
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("slices/duckdb_plain_none.parquet"));
        Assert.Equal(3, Read(file, "grade", new KeyTable(3), 100).Distinct().Count(key => key != KeyTable.Null));
        var full = Assert.Throws<KeyLimitException>(() => Read(file, "grade", new KeyTable(2), 100));
        Assert.Equal(2, full.MaxKeys);
        Assert.Equal("more than 2 distinct values; the first too many is middle", full.Message);
        var crowded = Assert.Throws<KeyLimitException>(() => Read(file, "text", new KeyTable(100, maxTextBytes: 20), 100));
        Assert.Contains("over the limit of 20", crowded.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused_with_its_row()
    {
        using var copy = new TemporaryFile();
        var bytes = File.ReadAllBytes(FixtureTests.PathOf("slices/duckdb_plain_none.parquet"));
        // In the page, and before it in the text's statistics, which nobody reads here.
        var word = "Straße"u8;
        for (var at = bytes.AsSpan().IndexOf(word); at >= 0; at = bytes.AsSpan().IndexOf(word))
            bytes[at + 4] = 0xff;
        File.WriteAllBytes(copy.Path, bytes);
        using var file = ParquetFile.Open(copy.Path);
        var refusal = Assert.Throws<ParquetException>(() => Read(file, "text", new KeyTable(100), 7));
        var row = Array.IndexOf(Texts("duckdb_plain_none.parquet", "text"), "Straße");
        Assert.Equal($"row {row} of the file has text that is not UTF-8: 0x53747261ff9f65", refusal.What);
        Assert.Equal((0, "text"), (refusal.RowGroup, refusal.Column));
    }

    [Theory]
    [InlineData("logits", "the column is a list or a group, where one value per row is needed")]
    [InlineData("nothing", "there is no column nothing; the file's columns are label, logits, flag")]
    public void A_list_or_a_missing_column_is_refused(string column, string message)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("slices/duckdb_plain_none.parquet"));
        Assert.Contains(message, Assert.Throws<ParquetException>(() => KeyColumnReader.Check(file, column)).Message, StringComparison.Ordinal);
    }

    private static string?[] Texts(string name, string column) =>
        [.. Expected.GetProperty(name).GetProperty(column).EnumerateArray().Select(text => text.GetString())];

    private static List<int> Read(ParquetFile file, string column, KeyTable table, int atOnce)
    {
        var (all, keys) = (new List<int>(), new int[atOnce]);
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = KeyColumnReader.Open(file, column, rowGroup);
            while (reader.Read(keys, table) is > 0 and var count)
                all.AddRange(keys[..count]);
        }
        return all;
    }
}
