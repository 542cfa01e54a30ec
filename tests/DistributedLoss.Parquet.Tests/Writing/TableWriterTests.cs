using System.Text;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

public sealed class TableWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dloss-table-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<CompressionCodec, int, int> Cuts() => new()
    {
        { CompressionCodec.Uncompressed, 1000, 1000 },
        { CompressionCodec.Snappy, 1000, 7 },
        { CompressionCodec.Snappy, 100, 64 },
        { CompressionCodec.Gzip, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void What_was_written_reads_back_with_its_nulls(CompressionCodec codec, int groupRows, int pageRows)
    {
        const int rows = 257;
        string path = Write(rows, new WriterOptions { Codec = codec, RowGroupRows = groupRows, PageRows = pageRows });
        using var file = ParquetFile.Open(path);
        Assert.Equal(rows, file.Metadata.NumRows);
        Assert.Equal((rows + groupRows - 1) / groupRows, file.Metadata.RowGroups.Count);
        Assert.Equal(Enumerable.Range(0, rows).Select(Text), Read(file, "text", (b, i) => Encoding.UTF8.GetString(b.Bytes(i))));
        Assert.Equal(Enumerable.Range(0, rows).Select(r => $"{r}"), Read(file, "int", (b, i) => $"{b.Int64(i)}"));
        Assert.Equal(Enumerable.Range(0, rows).Select(r => Long(r)?.ToString()), Read(file, "long", (b, i) => b.IsNull[i] ? null : $"{b.Int64(i)}"));
        Assert.Equal(Enumerable.Range(0, rows).Select(r => Double(r)?.ToString("R")), Read(file, "double", (b, i) => b.IsNull[i] ? null : $"{b.Double(i):R}"));
    }

    [Fact]
    public void A_text_column_says_that_it_holds_text()
    {
        using var file = ParquetFile.Open(Write(3, new WriterOptions()));
        Assert.Equal(LogicalTypeKind.String, file.Metadata.Schema.Single(e => e.Name == "text").LogicalType!.Kind);
    }

    [Fact]
    public void A_table_of_no_rows_is_a_file()
    {
        using var file = ParquetFile.Open(Write(0, new WriterOptions()));
        Assert.Equal((0, 0), (file.Metadata.NumRows, file.Metadata.RowGroups.Count));
    }

    [Fact]
    public void Before_it_is_closed_there_is_no_file_and_a_writer_given_up_leaves_nothing()
    {
        string path = Path.Combine(_folder, "table.parquet");
        var column = new NumberColumn<long>("x");
        using (var writer = new TableWriter(path, [column]))
        {
            column.Append(1);
            writer.EndRow();
            Assert.False(File.Exists(path));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var column = new NumberColumn<long>("x");
        using var writer = new TableWriter(Path.Combine(_folder, "table.parquet"), [column]);
        Assert.Contains("column x is required", Assert.Throws<InvalidOperationException>(() => column.Append(null)).Message, StringComparison.Ordinal);
        column.Append(1);
        Assert.Contains("column x has 1 values for 0 rows", Assert.Throws<InvalidOperationException>(writer.Close).Message, StringComparison.Ordinal);
        Assert.Throws<TypeInitializationException>(() => new NumberColumn<short>("y").ToElement());
    }

    // Runs, changes and returns, with more than one byte a character.
    private static string Text(int row) => $"текст {row / 10 % 3}";

    private static long? Long(int row) => row % 3 == 0 ? null : row - (1L << 40);

    private static double? Double(int row) => row switch { < 50 => null, 60 => double.PositiveInfinity, _ => Math.Pow(1.5, -row) };

    private static List<string?> Read(ParquetFile file, string column, Func<ScalarBatch, int, string?> value)
    {
        List<string?> values = [];
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            using var reader = ScalarColumnReader.Open(file, column, g);
            while (reader.TryRead(1000, out var batch))
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    values.Add(value(batch, i));
                }
            }
        }

        return values;
    }

    private string Write(int rows, WriterOptions options)
    {
        string path = Path.Combine(_folder, "table.parquet");
        var text = new TextColumn("text");
        var ints = new NumberColumn<int>("int");
        var longs = new NumberColumn<long>("long", nullable: true);
        var doubles = new NumberColumn<double>("double", nullable: true);
        using var writer = new TableWriter(path, [text, ints, longs, doubles], options);
        for (int r = 0; r < rows; r++)
        {
            text.Append(Text(r));
            ints.Append(r);
            longs.Append(Long(r));
            doubles.Append(Double(r));
            writer.EndRow();
        }

        writer.Close();
        return path;
    }
}
