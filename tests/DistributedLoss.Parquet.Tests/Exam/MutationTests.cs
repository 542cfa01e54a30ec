using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Tests.Pages;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Exam;

/// <summary>Small files of every writer, damaged at random: a read ends well or with a <see cref="ParquetException"/>, in time and within a budget of native memory.</summary>
[Collection(nameof(AloneInTheProcess))]
public class MutationTests(ITestOutputHelper output)
{
    private const int MaxPageBytes = 1 << 20;
    private const int MutationsPerFile = 60;

    [Fact]
    public async Task Damaged_files_are_read_or_refused_and_nothing_else()
    {
        var before = NativeBuffer.AllocatedBytes;
        var (read, refused) = (0, 0);
        using var damaged = new TemporaryFile();
        foreach (var path in FixtureTests.All().Where(path => new FileInfo(path).Length < 60_000))
        {
            var random = new Random(Path.GetFileName(path).Length);
            var original = File.ReadAllBytes(path);
            for (var turn = 0; turn < MutationsPerFile; turn++)
            {
                File.WriteAllBytes(damaged.Path, Mutate(original, random));
                var inPieces = turn % 2 == 0;
                var reading = Task.Run(() => ReadEverything(damaged.Path, FixtureTests.SpecOf(Path.GetFileName(path)), before, inPieces));
                try
                {
                    await reading.WaitAsync(TimeSpan.FromMinutes(2));
                    read++;
                }
                catch (ParquetException)
                {
                    refused++;
                }
                catch (Exception e)
                {
                    Assert.Fail($"{path}, mutation {turn}: {e}");
                }
                Assert.Equal(before, NativeBuffer.AllocatedBytes);
            }
        }
        output.WriteLine($"{read} read, {refused} refused");
        Assert.True(read > 100 && refused > 100, $"{read} read and {refused} refused: the damage is too light or too heavy to test anything");
    }

    private static void ReadEverything(string path, LogitColumnSpec spec, long before, bool inPieces)
    {
        using var file = ParquetFile.Open(path, new ReaderLimits { MaxPageBytes = MaxPageBytes, MaxSequenceLength = 100_000, WindowBytes = 500, StreamedPageBytes = inPieces ? 0 : MaxPageBytes });
        var failure = default(ParquetException);
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            // One column's damage must not hide the next one's.
            foreach (var leaf in file.Schema.Leaves)
            {
                Attempt(ref failure, () =>
                {
                    using var reader = ScalarColumnReader.Open(file, leaf, rowGroup);
                    while (reader.TryRead(1000, out _))
                        CheckBudget(before, readers: 1);
                });
                if (leaf.MaxRepetitionLevel == 0)
                    Attempt(ref failure, () => ReadKeys(file, leaf.Path, rowGroup, before));
                else
                    Attempt(ref failure, () => ReadLists(file, leaf.Path, rowGroup, before));
            }
            Attempt(ref failure, () =>
            {
                var column = LogitColumn.Resolve(file, spec);
                var classes = Math.Min(column.FirstRowLength() ?? 10, 100_000);
                foreach (var start in PagePlan.Find(file, column, rowGroup, targetBytes: 2000))
                {
                    if (column.IsSequence)
                    {
                        ReadSequences(column, rowGroup, classes, start, before);
                        continue;
                    }
                    using var reader = column.OpenReader(rowGroup, classes, start);
                    while (reader.TryRead(100, out _))
                        CheckBudget(before, column.FixedClasses ?? 1);
                }
            });
            Attempt(ref failure, () =>
            {
                if (ColumnShape.Of(file, "label").ListDepth > 0)
                {
                    ReadSequenceLabels(file, rowGroup, before);
                    return;
                }
                using var labels = IntegerColumnReader.Open(file, "label", rowGroup);
                var (values, isNull) = (new long[100], new bool[100]);
                labels.Skip(file.Metadata.RowGroups[rowGroup].NumRows / 2);
                while (labels.Read(values, isNull) > 0)
                {
                }
            });
        }
        if (failure is not null)
            throw failure;
    }

    private static void ReadSequences(LogitColumn column, int rowGroup, int classes, in RowRangeStart start, long before)
    {
        using var reader = column.OpenSequenceReader(rowGroup, classes, start);
        for (var row = 0; reader.NextRow(out _); row++)
        {
            for (var tiles = row % 4; tiles > 0 && reader.TryReadPositions(20, out _); tiles--)
                CheckBudget(before, readers: 1);
        }
    }

    private static void ReadSequenceLabels(ParquetFile file, int rowGroup, long before)
    {
        using var reader = SequenceLabelReader.Open(file, "label", rowGroup);
        while (reader.NextRow(out _, out _, out _))
            CheckBudget(before, readers: 1);
    }

    private static void ReadKeys(ParquetFile file, string column, int rowGroup, long before)
    {
        using var reader = KeyColumnReader.Open(file, column, rowGroup);
        var (keys, table) = (new int[33], new KeyTable(100_000));
        while (reader.Read(keys, table) > 0)
            CheckBudget(before, readers: 1);
    }

    private static void ReadLists(ParquetFile file, string column, int rowGroup, long before)
    {
        using var reader = NumberListReader.Open(file, column, rowGroup, 10);
        var (values, defects) = (new double[170], new ListDefect[17]);
        while (reader.Read(values, defects) > 0)
            CheckBudget(before, readers: 1);
    }

    private static void Attempt(ref ParquetException? failure, Action read)
    {
        try
        {
            read();
        }
        catch (ParquetException e)
        {
            failure = e;
        }
    }

    // A stored page, a decompressed page, a dictionary, levels and scratch: none of them larger than the largest page.
    private static void CheckBudget(long before, int readers) =>
        Assert.InRange(NativeBuffer.AllocatedBytes - before, 0, readers * 8L * MaxPageBytes);

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                bytes.AsSpan(random.Next(bytes.Length)..).Slice(0, 1).Fill(0xff);
                return bytes;
            case 2:
                var at = random.Next(bytes.Length);
                bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)).Fill((byte)(random.Next(2) * 0xff));
                return bytes;
            default:
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }
}
