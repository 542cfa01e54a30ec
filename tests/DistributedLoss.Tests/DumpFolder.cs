using System.Buffers.Binary;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests;

/// <summary>A row of a dump; null logits are a null list, a null among them is a null element.</summary>
internal sealed record DumpRow(double?[]? Logits, long? Label);

/// <summary>A folder of small dumps, gone after the test.</summary>
internal sealed class DumpFolder : IDisposable
{
    /// <summary>Three classes in a list; whatever can be null may be.</summary>
    public static DumpSchema Nullable { get; } =
        new(3) { NullableLogits = true, NullableElements = true, NullableLabel = true, IdName = null };

    public string Path { get; } = Directory.CreateTempSubdirectory("dloss-core-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Evaluates shard after shard, as one worker would.</summary>
    public static Totals Evaluate(RunPlan plan)
    {
        var totals = plan.NewTotals();
        using var evaluator = new ShardEvaluator(plan);
        foreach (var shard in plan.Shards)
        {
            var part = evaluator.Evaluate(shard, plan.NewTotals(), new Patient())!.Totals;
            Assert.Equal(shard.Rows, part.FileRows);
            totals.Add(part);
        }

        return totals;
    }

    public string Write(string name, DumpSchema schema, WriterOptions options, IEnumerable<DumpRow> rows)
    {
        using var writer = new DumpWriter(this[name], schema, options);
        foreach (var row in rows)
        {
            if (row.Logits is null)
            {
                writer.AppendNullLogits(row.Label);
            }
            else if (row.Logits.Contains(null))
            {
                writer.AppendRow(row.Logits, row.Label);
            }
            else
            {
                writer.AppendRow([.. row.Logits.Select(z => z!.Value)], row.Label);
            }
        }

        writer.Close();
        return this[name];
    }

    /// <summary>Gives a file another footer, in front of which its pages stay as they are.</summary>
    public static void ChangeFooter(string path, Func<FileMetadata, FileMetadata> change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 8));
        int start = bytes.Length - 8 - length;
        byte[] footer = change(FileMetadata.Parse(bytes.AsSpan(start, length))).ToBytes();
        byte[] tail = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(tail, footer.Length);
        File.WriteAllBytes(path, [.. bytes.AsSpan(0, start), .. footer, .. tail, .. "PAR1"u8]);
    }

    /// <summary>Changes the metadata of one column in the only row group.</summary>
    public static FileMetadata WithColumn(FileMetadata footer, int column, Func<ColumnChunkMetadata, ColumnChunkMetadata> change)
    {
        var group = Assert.Single(footer.RowGroups);
        return footer with { RowGroups = [group with { Columns = [.. group.Columns.Select((c, i) => i == column ? change(c) : c)] }] };
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
