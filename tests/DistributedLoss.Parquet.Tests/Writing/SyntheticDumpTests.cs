using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

public sealed class SyntheticDumpTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"dloss-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    // SHA-256 over each row's float32 logits and int64 label, from synthetic_rows.py.
    [Theory]
    [InlineData(0UL, 10, 0.75, 0L, 500, "f9999347a4ecff0fe49f1331048938160f92d47af8b969a85dfc8802272f1866")]
    [InlineData((1UL << 63) + 5, 1000, 0.5, 1L << 33, 20, "6deb043a13ceaa17f891b62991af52e9371025d5b03221cf4d792cb758ec7239")]
    [InlineData(7UL, 1, 1.0, 3L, 4, "c077186ff3277617bae48a5a2e1145fc14009423a0239fff4169432ac6f44719")]
    public void Rows_have_the_bits_that_another_language_computes(ulong seed, int classes, double accuracy, long first, int rows, string digest)
    {
        float[] logits = new float[rows * classes];
        long[] labels = new long[rows];
        new SyntheticRows(seed, classes, accuracy).Fill(first, logits, labels);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int r = 0; r < rows; r++)
        {
            hash.AppendData(MemoryMarshal.AsBytes(logits.AsSpan(r * classes, classes)));
            hash.AppendData(MemoryMarshal.AsBytes(labels.AsSpan(r, 1)));
        }
        Assert.Equal(digest, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void The_labels_share_of_largest_logits_is_the_accuracy_and_chance()
    {
        const int rows = 20_000, classes = 10;
        float[] logits = new float[rows * classes];
        long[] labels = new long[rows];
        new SyntheticRows(3, classes, 0.6).Fill(0, logits, labels);
        int right = 0;
        for (int r = 0; r < rows; r++)
        {
            Span<float> row = logits.AsSpan(r * classes, classes);
            right += row[(int)labels[r]] == row.ToArray().Max() ? 1 : 0;
        }
        // 0.6 + 0.4 / 10, within five standard deviations of a share of 20,000 (0.0034 each).
        Assert.InRange(right / (double)rows, 0.64 - 0.017, 0.64 + 0.017);
        Assert.Equal(classes, labels.Distinct().Count());
    }

    [Fact]
    public void Files_split_the_rows_and_change_none_of_them()
    {
        var options = new SyntheticOptions { Rows = 103, Classes = 7, Seed = 5, RowGroupRows = 20 };
        string one = Path.Combine(_directory, "one.parquet");
        Directory.CreateDirectory(_directory);
        SyntheticDump.Write(one, options);
        IReadOnlyList<string> parts = SyntheticDump.Write(Path.Combine(_directory, "parts"), options with { Files = 4, RowGroupRows = 9, PageBytes = 64 });
        Assert.Equal(["part-00000.parquet", "part-00001.parquet", "part-00002.parquet", "part-00003.parquet"], parts.Select(Path.GetFileName));
        Assert.Equal(Ids(one), parts.SelectMany(Ids));
        Assert.Equal([26L, 26, 26, 25], parts.Select(p => (long)Ids(p).Count));
        Assert.Equal(Enumerable.Range(0, 103).Select(i => (long)i), Ids(one));
    }

    [Fact]
    public void A_directory_with_parquet_files_in_it_is_refused()
    {
        var options = new SyntheticOptions { Rows = 1, Classes = 2 };
        SyntheticDump.Write(_directory, options);
        Assert.Contains("already holds", Assert.Throws<IOException>(() => SyntheticDump.Write(_directory, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused()
    {
        var options = new SyntheticOptions { Rows = 1, Classes = 2 };
        Assert.Throws<ArgumentException>(() => SyntheticDump.Write("a.parquet", options with { Files = 2 }));
        Assert.Throws<ArgumentException>(() => SyntheticDump.Write(_directory, options with { Accuracy = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticDump.Write(_directory, options with { Rows = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticDump.Write(_directory, options with { Classes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticDump.Write(_directory, options with { Files = 0 }));
    }

    [Fact]
    public void A_cancelled_run_leaves_no_unfinished_file()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Stop(cancellation);
        var options = new SyntheticOptions { Rows = 300_000, Classes = 10, Files = 2 };
        Assert.Throws<OperationCanceledException>(() => SyntheticDump.Write(_directory, options, progress, cancellation.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    // The id column is the last of three, in PLAIN pages of one row group each.
    private static List<long> Ids(string path)
    {
        using ParquetFile file = ParquetFile.Open(path);
        var ids = new List<long>();
        foreach (ColumnChunkMetadata chunk in file.Metadata.RowGroups.Select(g => g.Columns[2]))
        {
            byte[] bytes = new byte[chunk.TotalCompressedSize];
            file.Read(chunk.StartOffset, bytes);
            for (int at = 0; at < bytes.Length;)
            {
                Assert.True(PageHeader.TryParse(bytes.AsSpan(at), at, out PageHeader header, out int length));
                ids.AddRange(MemoryMarshal.Cast<byte, long>(bytes.AsSpan(at + length, header.CompressedSize)));
                at += length + header.CompressedSize;
            }
        }
        return ids;
    }

    private sealed class Stop(CancellationTokenSource cancellation) : IProgress<long>
    {
        public void Report(long value) => cancellation.Cancel();
    }
}
