using System.Buffers.Binary;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

/// <summary>The reader against every dump of the matrix: values from their formula, never from the writer.</summary>
public sealed class ReadBackTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dloss-{Guid.NewGuid():N}.parquet");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Every_logit_comes_back()
    {
        foreach (Dump dump in Dump.All)
        {
            dump.Write(_path);
            using ParquetFile file = ParquetFile.Open(_path);
            LogitColumn column = LogitColumn.Resolve(file, Spec(dump));
            long row = 0;
            for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
            {
                using LogitReader reader = column.OpenReader(g, dump.Schema.Classes);
                row = Check(dump, reader, row, maxRows: 64);
            }
            Assert.Equal(dump.Rows, row);
        }
    }

    [Fact]
    public void Reading_can_begin_at_any_row()
    {
        foreach (Dump dump in Dump.All.Where(d => d.Rows > 0))
        {
            dump.Write(_path);
            using ParquetFile file = ParquetFile.Open(_path);
            LogitColumn column = LogitColumn.Resolve(file, Spec(dump));
            int rows = (int)file.Metadata.RowGroups[0].NumRows;
            for (int first = 0; first <= rows; first += 1 + (rows / 9))
            {
                using LogitReader reader = column.OpenReader(0, dump.Schema.Classes, new RowRangeStart(first));
                Assert.Equal(rows, Check(dump, reader, first, maxRows: int.MaxValue));
            }
        }
    }

    [Fact]
    public void Every_label_and_id_comes_back()
    {
        foreach (Dump dump in Dump.All.Where(d => d.Schema.IdName is not null))
        {
            dump.Write(_path);
            using ParquetFile file = ParquetFile.Open(_path);
            long row = 0;
            long[] labels = new long[77], ids = new long[77];
            bool[] isNull = new bool[77], noId = new bool[77];
            for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
            {
                using var label = IntegerColumnReader.Open(file, "label", g);
                using var id = IntegerColumnReader.Open(file, "id", g);
                for (int n; (n = label.Read(labels, isNull)) > 0;)
                {
                    Assert.Equal(n, id.Read(ids.AsSpan(0, n), noId.AsSpan(0, n)));
                    for (int i = 0; i < n; i++, row++)
                    {
                        Assert.Equal((dump.Name, row), (dump.Name, ids[i]));
                        Assert.Equal((dump.Name, row, dump.IsLabelNull(row)), (dump.Name, row, isNull[i]));
                        Assert.Equal((dump.Name, row, isNull[i] ? 0 : dump.Label(row)), (dump.Name, row, labels[i]));
                    }
                }
            }
            Assert.Equal(dump.Rows, row);
        }
    }

    private static LogitColumnSpec Spec(Dump dump) => new()
    {
        Prefix = dump.Schema.Layout == LogitLayout.Flat ? dump.Schema.LogitsPrefix : null,
        Packed = dump.Schema.Layout is LogitLayout.PackedFixed or LogitLayout.PackedBinary ? Enum.Parse<FloatFormat>(dump.Schema.LogitType.ToString()) : null,
    };

    private static unsafe long Check(Dump dump, LogitReader reader, long row, int maxRows)
    {
        while (reader.TryRead(maxRows, out LogitTile tile))
        {
            Assert.InRange(tile.Rows, 1, maxRows);
            int width = dump.Schema.LogitWidth;
            for (int r = 0; r < tile.Rows; r++, row++)
            {
                RowDefect expected = Defect(dump, row);
                if (expected != tile.Defect)
                {
                    Assert.Fail($"{dump.Name}, row {row}: {tile.Defect}, not {expected}");
                }
                if (expected == RowDefect.WrongLength)
                {
                    Assert.Equal(dump.Length(row), tile.DefectLength);
                }
                for (int c = 0; expected == RowDefect.None && c < dump.Schema.Classes; c++)
                {
                    ReadOnlySpan<byte> bytes = tile.Layout == TileLayout.RowMajor
                        ? tile.Values.Slice(((r * dump.Schema.Classes) + c) * width, width)
                        : new ReadOnlySpan<byte>((byte*)tile.Columns[c] + (r * width), width);
                    if (Decode(bytes, tile.Format) != Dump.Logit(row, c))
                    {
                        Assert.Fail($"{dump.Name}, row {row}, class {c}: {Decode(bytes, tile.Format)}, not {Dump.Logit(row, c)}");
                    }
                }
            }
        }
        return row;
    }

    private static RowDefect Defect(Dump dump, long row) =>
        dump.AreLogitsNull(row) || Enumerable.Range(0, dump.Length(row)).Any(c => dump.IsElementNull(row, c)) ? RowDefect.NullLogits
        : dump.Length(row) != dump.Schema.Classes ? RowDefect.WrongLength
        : RowDefect.None;

    private static double Decode(ReadOnlySpan<byte> bytes, FloatFormat format) => format switch
    {
        FloatFormat.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        FloatFormat.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        FloatFormat.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes) << 16),
    };
}
