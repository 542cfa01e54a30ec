using System.Runtime.Intrinsics.X86;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Pages;

/// <summary>Linux on x64 alone has anything ahead.</summary>
public sealed unsafe class FileAheadTests : IDisposable
{
    private const int Classes = 1000;
    private const int Rows = 2000;
    private readonly TemporaryFile _dump = new();

    private static bool IsThere => OperatingSystem.IsLinux() && Sse.IsSupported;

    public void Dispose() => _dump.Dispose();

    [Theory]
    [InlineData(LogitLayout.List)]
    [InlineData(LogitLayout.PackedFixed)]
    public void Ahead_of_a_tile_are_the_files_bytes_of_the_next_window(LogitLayout layout)
    {
        Write(layout);
        var bytes = File.ReadAllBytes(_dump.Path);
        using var file = ParquetFile.Open(_dump.Path);
        using var reader = Open(file, layout);
        var found = 0;
        while (reader.TryRead(100, out var tile))
        {
            fixed (byte* values = tile.Values)
            {
                var at = bytes.AsSpan().IndexOf(tile.Values[..64]);
                if (tile.Ahead == 0 || at + file.Limits.WindowBytes > bytes.Length)
                    continue;
                Assert.InRange(bytes.AsSpan(at + 64).IndexOf(new ReadOnlySpan<byte>(values + tile.Ahead, 64)), 1, file.Limits.WindowBytes);
                found++;
            }
        }
        Assert.Equal(IsThere, found > 10);
    }

    [Fact]
    public void A_file_that_is_cut_short_under_its_mapping_is_an_error_like_any_other()
    {
        Write(LogitLayout.List);
        using var file = ParquetFile.Open(_dump.Path);
        using var reader = Open(file, LogitLayout.List);
        LogitTile tile;
        do
        {
            Assert.True(reader.TryRead(100, out tile));
        }
        while (tile.Ahead == 0 && IsThere);
        using (var cut = new FileStream(_dump.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(0);
        }
        fixed (byte* values = tile.Values)
        {
            for (var line = 0; IsThere && line < file.Limits.WindowBytes; line += 64)
                Sse.Prefetch1(values + tile.Ahead + line);
        }
        var error = Assert.Throws<ParquetException>(() =>
        {
            while (reader.TryRead(100, out _))
            {
            }
        });
        Assert.Contains("the file has become shorter", error.Message, StringComparison.Ordinal);
    }

    private static LogitReader Open(ParquetFile file, LogitLayout layout) =>
        LogitColumn.Resolve(file, layout == LogitLayout.List ? new LogitColumnSpec() : new LogitColumnSpec { Packed = FloatFormat.Float32 }).OpenReader(0, Classes);

    private void Write(LogitLayout layout)
    {
        using var writer = new DumpWriter(_dump.Path, new DumpSchema(Classes) { Layout = layout }, new WriterOptions { PageBytes = 1 << 29 });
        var random = new Random(1);
        var logits = new double[Classes];
        for (var row = 0; row < Rows; row++)
        {
            for (var c = 0; c < Classes; c++)
                logits[c] = (float)random.NextDouble();
            writer.AppendRow([.. logits], row % Classes);
        }
        writer.Close();
    }
}
