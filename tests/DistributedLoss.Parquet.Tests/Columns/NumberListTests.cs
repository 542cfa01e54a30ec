using System.Text.Json;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>Targets that are lists of numbers, from five other writers (tests/fixtures/targets).</summary>
public class NumberListTests
{
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(FixtureTests.PathOf("targets/expected.json"))).RootElement;

    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in Directory.GetFiles(FixtureTests.PathOf("targets"), "*.parquet").Select(Path.GetFileName).Order(StringComparer.Ordinal))
        {
            data.Add(name!, 512 << 10);
            data.Add(name!, 100);
        }
        return data;
    }

    [Theory, MemberData(nameof(Files))]
    public void Every_row_has_the_numbers_that_the_file_was_made_from(string name, int window)
    {
        var expected = Rows(name);
        using var file = ParquetFile.Open(FixtureTests.PathOf($"targets/{name}"), DumpReadingTests.Limits(window));
        foreach (var rowsAtOnce in new[] { 1, 7, 100 })
            Assert.Equal(expected, Read(file, expected[0].Length, rowsAtOnce).Select(row => row.Values));
    }

    [Theory, MemberData(nameof(Files))]
    public void Rows_can_be_passed_over(string name, int window)
    {
        var expected = Rows(name);
        using var file = ParquetFile.Open(FixtureTests.PathOf($"targets/{name}"), DumpReadingTests.Limits(window));
        var rows = (int)file.Metadata.RowGroups[0].NumRows;
        foreach (var skipped in new[] { 0, 1, rows / 2, rows })
        {
            using var reader = NumberListReader.Open(file, "label", 0, expected[0].Length);
            reader.Skip(skipped);
            var read = new double[rows * expected[0].Length];
            Assert.Equal(rows - skipped, reader.Read(read, new ListDefect[rows]));
            Assert.Equal(expected[skipped..rows].SelectMany(row => row), read[..((rows - skipped) * expected[0].Length)]);
        }
    }

    [Fact]
    public void Null_lists_null_elements_and_wrong_lengths_are_defects_of_their_rows()
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("bad/target_defects.parquet"));
        var expected = Rows("soft");
        var rows = Read(file, 10, 9);
        var defects = rows.Select((row, i) => (Row: i, row.Defect, row.Length)).Where(row => row.Defect != ListDefect.None);
        Assert.Equal(
            [
                (3, ListDefect.Null, 0), (5, ListDefect.Null, 0),
                (7, ListDefect.WrongLength, 9), (9, ListDefect.WrongLength, 0), (11, ListDefect.WrongLength, 11),
            ],
            defects);
        for (var r = 0; r < rows.Count; r++)
            Assert.Equal(rows[r].Defect == ListDefect.None ? expected[r] : new double[10], rows[r].Values);
    }

    [Fact]
    public void A_scalar_is_a_list_of_one_and_of_no_other_length()
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("targets/duckdb_binary_bool_snappy.parquet"));
        Assert.All(Read(file, 2, 7), row => Assert.Equal((ListDefect.WrongLength, 1), (row.Defect, row.Length)));
    }

    [Theory]
    [InlineData("slices/duckdb_plain_none.parquet", "text", "the column is byte_array (utf8), where a list of numbers is needed")]
    [InlineData("slices/duckdb_plain_none.parquet", "day", "the column is int32 (date), where a list of numbers is needed")]
    [InlineData("slices/duckdb_plain_none.parquet", "nothing", "there is no column nothing; the file's columns are label, logits, flag")]
    [InlineData("bad/logits_are_text.parquet", "logits", "the column is a list of byte_array (utf8), where a list of numbers is needed")]
    [InlineData("odd/label_and_logits_only_of_many.parquet", "nested", "the column is a group of several columns; name one of them")]
    public void Columns_that_hold_no_numbers_are_refused_with_what_they_hold(string name, string column, string message)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf(name));
        Assert.Contains(message, Assert.Throws<ParquetException>(() => NumberListReader.Check(file, column)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ParquetException>(() => NumberListReader.Open(file, column, 0, 10)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slices/duckdb_plain_none.parquet", "i16", ElementKind.Integer, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "flag", ElementKind.Boolean, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "text", ElementKind.Text, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "grade", ElementKind.Text, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "d9", ElementKind.Other, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "utc", ElementKind.Other, 0)]
    [InlineData("slices/duckdb_plain_none.parquet", "logits", ElementKind.Float, 1)]
    [InlineData("targets/duckdb_multi_bool_none.parquet", "label", ElementKind.Boolean, 1)]
    [InlineData("targets/duckdb_multi_i32_snappy.parquet", "label", ElementKind.Integer, 1)]
    [InlineData("targets/arrow_soft_f16_v2_pages.parquet", "label", ElementKind.Float, 1)]
    [InlineData("targets/duckdb_binary_f64_zstd.parquet", "label", ElementKind.Float, 0)]
    public void A_columns_shape_is_told_from_the_schema(string name, string column, ElementKind kind, int depth)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf(name));
        var shape = ColumnShape.Of(file, column);
        Assert.Equal((kind, depth), (shape.Kind, shape.ListDepth));
    }

    // Files are called WRITER_SET_...
    private static double[][] Rows(string name) =>
        [.. Expected.GetProperty(name.Contains('_') ? name.Split('_')[1] : name).EnumerateArray().Select(row => row.EnumerateArray().Select(x => x.GetDouble()).ToArray())];

    private static List<(double[] Values, ListDefect Defect, int Length)> Read(ParquetFile file, int width, int rowsAtOnce)
    {
        var rows = new List<(double[] Values, ListDefect Defect, int Length)>();
        var (values, defects, lengths) = (new double[rowsAtOnce * width], new ListDefect[rowsAtOnce], new int[rowsAtOnce]);
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = NumberListReader.Open(file, "label", rowGroup, width);
            // What was there before must not show through.
            values.AsSpan().Fill(double.NaN);
            while (reader.Read(values, defects, lengths) is > 0 and var count)
            {
                for (var r = 0; r < count; r++)
                    rows.Add((values[(r * width)..((r + 1) * width)], defects[r], lengths[r]));
            }
        }
        return rows;
    }
}
