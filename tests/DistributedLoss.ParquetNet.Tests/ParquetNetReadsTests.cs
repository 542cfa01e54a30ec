using System.Buffers.Binary;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Tests.Writing;
using DistributedLoss.Parquet.Writing;
using Parquet;
using Parquet.Data;

namespace DistributedLoss.ParquetNet.Tests;

/// <summary>Parquet.Net's reader against every dump of the writer's matrix: values from their formula (<see cref="Dump"/>).</summary>
public sealed class ParquetNetReadsTests : IDisposable
{
    private readonly TemporaryFile _file = new();

    /// <summary>
    /// All but those of byte stream split, which Parquet.Net 5.5 reads from chunks of one page without nulls alone, in float and double: each page's values
    /// go where the first one's went.
    /// </summary>
    public static TheoryData<string> Dumps() => [.. Dump.All.Where(d => !d.Options.ByteStreamSplit).Select(d => d.Name)];

    public void Dispose() => _file.Dispose();

    [Theory, MemberData(nameof(Dumps))]
    public async Task Every_value_is_read_back(string name) => await CheckAsync(Dump.All.Single(d => d.Name == name));

    [Theory]
    [InlineData(1, LogitType.Float32, LogitLayout.List)]
    [InlineData(2, LogitType.Float64, LogitLayout.List)]
    [InlineData(1, LogitType.Float64, LogitLayout.Flat)]
    [InlineData(2, LogitType.Float32, LogitLayout.Flat)]
    public async Task Byte_stream_split_of_one_page_is_read_back(int pageVersion, LogitType type, LogitLayout layout) =>
        await CheckAsync(new Dump(
            "split", new DumpSchema(10) { LogitType = type, Layout = layout }, new WriterOptions { PageVersion = pageVersion, ByteStreamSplit = true, RowGroupRows = 300 }));

    private async Task CheckAsync(Dump dump)
    {
        dump.Write(_file.Path);
        using var reader = await ParquetReader.CreateAsync(_file.Path);
        int row = 0;
        for (int g = 0; g < reader.RowGroupCount; g++)
        {
            var columns = (await reader.ReadEntireRowGroupAsync(g)).ToDictionary(c => c.Field.Path.FirstPart!);
            int rows = (int)reader.RowGroups[g].RowCount;
            double?[]?[] logits = dump.Schema.Layout switch
            {
                LogitLayout.List => Lists(columns["logits"], dump.Schema),
                LogitLayout.Flat => Flat(columns, dump.Schema, rows),
                _ => [.. Values(columns["logits"]).Select(v => Unpack((byte[]?)v, dump.Schema.LogitType))],
            };
            object?[] labels = Values(columns["label"]);
            object?[]? ids = columns.TryGetValue("id", out var column) ? Values(column) : null;
            Assert.Equal((rows, rows, dump.Schema.IdName is null ? null : (int?)rows), (logits.Length, labels.Length, ids?.Length));
            for (int i = 0; i < rows; i++, row++)
            {
                Assert.Equal((row, Expected(dump, row)), (row, Text(logits[i])));
                Assert.Equal((row, dump.IsLabelNull(row) ? null : dump.Label(row)), (row, labels[i] is { } label ? Convert.ToInt64(label) : (long?)null));
                Assert.Equal(ids is null ? null : (long)row, ids?[i]);
            }
        }

        Assert.Equal(dump.Rows, row);
    }

    private static string Expected(Dump dump, int r)
    {
        if (!dump.AreLogitsNull(r))
        {
            return Text([.. Enumerable.Range(0, dump.Length(r)).Select(c => dump.IsElementNull(r, c) ? (double?)null : Dump.Logit(r, c))]);
        }

        return Text(dump.Schema.Layout == LogitLayout.Flat ? new double?[dump.Schema.Classes] : null);
    }

    private static string Text(double?[]? row) => row is null ? "null" : $"[{string.Join(' ', row.Select(v => v is { } z ? $"{z}" : "null"))}]";

    private static object?[] Values(DataColumn column) => [.. column.Data.Cast<object?>()];

    private static double?[]?[] Flat(Dictionary<string, DataColumn> columns, DumpSchema schema, int rows)
    {
        object?[][] values = [.. Enumerable.Range(0, schema.Classes).Select(c => Values(columns[$"{schema.LogitsPrefix}{c}"]))];
        return [.. Enumerable.Range(0, rows).Select(r => values.Select(v => v[r] is { } z ? (double?)Number(z) : null).ToArray())];
    }

    /// <summary>Rows of a three-level list from its levels: those of the list, where it is nullable, then of the element.</summary>
    private static double?[]?[] Lists(DataColumn column, DumpSchema schema)
    {
        int empty = schema.NullableLogits ? 1 : 0, value = empty + 1 + (schema.NullableElements ? 1 : 0);
        var rows = new List<List<double?>?>();
        int next = 0;
        for (int i = 0; i < column.NumValues; i++)
        {
            int level = column.DefinitionLevels![i];
            if (column.RepetitionLevels![i] == 0)
            {
                rows.Add(level < empty ? null : []);
            }

            if (level > empty)
            {
                rows[^1]!.Add(level == value ? Number(column.DefinedData.GetValue(next++)!) : null);
            }
        }

        return [.. rows.Select(r => r?.ToArray())];
    }

    private static double?[]? Unpack(byte[]? bytes, LogitType type) =>
        bytes is null ? null : [.. bytes.Chunk(type switch { LogitType.Float64 => 8, LogitType.Float32 => 4, _ => 2 }).Select(b => (double?)Number(b, type))];

    // A float16 column is two bytes a value to Parquet.Net.
    private static double Number(object value) => value is byte[] half ? Number(half, LogitType.Float16) : Convert.ToDouble(value);

    private static double Number(byte[] bytes, LogitType type) => type switch
    {
        LogitType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        LogitType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        LogitType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes) << 16),
    };
}
