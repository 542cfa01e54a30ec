using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>A row group is not done when its rows are: what its columns hold behind them, and their last checksums, are looked at.</summary>
public sealed class RowGroupEndTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1)]
    public void Logits_behind_the_row_groups_last_row_are_an_error(long shardBytes)
    {
        string path = _folder.Write(
            "dump.parquet", DumpFolder.Nullable, new WriterOptions { PageRows = 2 }, Enumerable.Range(0, 10).Select(r => new DumpRow([0, 1, r], r % 3)));
        DumpFolder.ChangeFooter(path, f =>
        {
            var shorter = DumpFolder.WithColumn(f, 1, label => label with { NumValues = 8 });
            return shorter with { NumRows = 8, RowGroups = [shorter.RowGroups[0] with { NumRows = 8 }] };
        });
        var e = Assert.Throws<ParquetException>(() => DumpFolder.Evaluate(Plan(shardBytes)));
        Assert.Contains("dump.parquet: row group 0, column logits.list.element", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogitLayout.List, "logits.list.element")]
    [InlineData(LogitLayout.List, "logits.list.element", 100_000)]
    [InlineData(LogitLayout.Flat, "logits_1")]
    [InlineData(LogitLayout.Flat, "logits_1", 100_000)]
    [InlineData(LogitLayout.PackedFixed, "logits")]
    [InlineData(LogitLayout.List, "label")]
    public void A_wrong_checksum_of_the_last_page_is_found_also_when_the_page_is_larger_than_a_window(LogitLayout layout, string column, long shardBytes = long.MaxValue)
    {
        const int Rows = 150_000;
        var schema = new DumpSchema(2) { Layout = layout, IdName = null };
        using (var writer = new DumpWriter(_folder["dump.parquet"], schema, new WriterOptions { RowGroupRows = Rows, PageBytes = 1 << 24 }))
        {
            writer.Append(new float[2 * Rows], new long[Rows]);
            writer.Close();
        }

        var plan = Plan(shardBytes, layout);
        Assert.True(shardBytes == long.MaxValue || plan.Shards.Count > 5, "the page is not cut");
        Assert.Equal(Rows, DumpFolder.Evaluate(plan).Rows.Evaluated);
        Damage(_folder["dump.parquet"], column);
        // Planned again: writing to the file gave it another time.
        var e = Assert.Throws<ParquetException>(() => DumpFolder.Evaluate(Plan(shardBytes, layout)));
        Assert.Contains("checksum", e.Message, StringComparison.Ordinal);
        Assert.Contains($"column {column}", e.Message, StringComparison.Ordinal);
    }

    // The low bits of the column's last value: 0 becomes the smallest number above it, and label 1.
    private static void Damage(string path, string column)
    {
        long end;
        int width;
        using (var file = ParquetFile.Open(path))
        {
            var leaf = file.Schema.Leaves.Single(l => l.Path == column);
            end = file.Metadata.RowGroups[0].Columns[leaf.ColumnIndex].EndOffset;
            width = column == "label" ? 8 : 4;
        }

        using var stream = File.OpenWrite(path);
        stream.Position = end - width;
        stream.WriteByte(1);
    }

    private RunPlan Plan(long shardBytes, LogitLayout layout = LogitLayout.List)
    {
        var options = new EvaluationOptions
        {
            LogitsPrefix = layout == LogitLayout.Flat ? "logits_" : null,
            Packed = layout == LogitLayout.PackedFixed ? DistributedLoss.Parquet.Columns.FloatFormat.Float32 : null,
        };
        return RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = shardBytes });
    }
}
