using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>A row as a tile shows it: its logits, widened, or the defect that it has instead.</summary>
internal sealed record Row(double[]? Logits, RowDefect Defect, int DefectLength)
{
    public override string ToString() => Logits is null ? $"{Defect} {DefectLength}" : string.Join(' ', Logits);
}

/// <summary>Turns tiles into rows of doubles, one value at a time, whatever their layout and format.</summary>
internal static class Rows
{
    /// <summary>All rows of a file, read with tiles of changing size.</summary>
    public static List<Row> Read(string path, LogitColumnSpec spec, int classes, ReaderLimits? limits = null)
    {
        using var file = ParquetFile.Open(path, limits);
        var column = LogitColumn.Resolve(file, spec);
        var rows = new List<Row>();
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = column.OpenReader(rowGroup, classes);
            for (var turn = 1; reader.TryRead(turn % 3 == 0 ? int.MaxValue : turn, out var tile); turn++)
            {
                Assert.InRange(tile.Rows, 1, turn % 3 == 0 ? int.MaxValue : turn);
                Assert.Equal(classes, tile.Classes);
                Add(tile, rows);
            }
        }
        return rows;
    }

    public static void Add(in LogitTile tile, List<Row> rows)
    {
        for (var r = 0; r < tile.Rows; r++)
            rows.Add(tile.Defect == RowDefect.None ? new Row(Logits(tile, r), RowDefect.None, 0) : new Row(null, tile.Defect, tile.DefectLength));
    }

    private static unsafe double[] Logits(in LogitTile tile, int row)
    {
        var logits = new double[tile.Classes];
        var width = tile.Format switch { FloatFormat.Float32 => 4, FloatFormat.Float64 => 8, _ => 2 };
        for (var c = 0; c < logits.Length; c++)
        {
            var bytes = tile.Layout == TileLayout.RowMajor
                ? tile.Values.Slice((row * tile.Classes + c) * width, width)
                : new ReadOnlySpan<byte>((byte*)tile.Columns[c] + (long)row * width, width);
            logits[c] = tile.Format switch
            {
                FloatFormat.Float16 => (double)MemoryMarshal.Read<Half>(bytes),
                FloatFormat.BFloat16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes) << 16),
                FloatFormat.Float32 => MemoryMarshal.Read<float>(bytes),
                _ => MemoryMarshal.Read<double>(bytes),
            };
        }
        return logits;
    }
}
