using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>Random sequences in pages that are cut at random: each position comes once, in order, to the reader of its row; and lies about rows are found by one of them.</summary>
public sealed class SequencePropertyTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(1, CompressionCodec.Uncompressed)]
    [InlineData(1, CompressionCodec.Zstd)]
    [InlineData(2, CompressionCodec.Uncompressed)]
    [InlineData(2, CompressionCodec.Zstd)]
    public void Every_position_comes_once_whatever_the_pages_the_ranges_and_the_tiles(int version, CompressionCodec codec)
    {
        var cuts = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var classes = random.GetItems([1, 2, 3, 10, 17, 40], 1)[0];
            var rows = RandomRows(random, classes);
            var entries = SequenceFile.EntriesOf(rows);
            SequenceFile.Write(_file.Path, entries, RandomEnds(random, entries, version), new WriterOptions { PageVersion = version, Codec = codec, PageChecksums = seed % 3 == 0 }, hasIndex: seed % 2 == 0);
            using var file = ParquetFile.Open(_file.Path, DumpReadingTests.Limits(seed % 4 < 2 ? 512 << 10 : 64));
            var read = ReadRanges(file, classes, random, out var ranges);
            Assert.True(rows.Select(row => Show(row, classes)).SequenceEqual(read), $"seed {seed}");
            cuts += ranges - 1;
        }
        output.WriteLine($"{cuts} cuts");
        Assert.True(cuts > 100, $"{cuts} cuts test little");
    }

    [Theory]
    [InlineData(1, CompressionCodec.Uncompressed)]
    [InlineData(1, CompressionCodec.Zstd)]
    [InlineData(2, CompressionCodec.Uncompressed)]
    public void A_lie_about_the_rows_of_pages_is_found_whatever_the_ranges(int version, CompressionCodec codec)
    {
        var lies = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var rows = RandomRows(random, 3);
            var entries = SequenceFile.EntriesOf(rows);
            int[] ends = [.. RandomEnds(random, entries, version)];
            SequenceFile.Write(_file.Path, entries, ends, new WriterOptions { PageVersion = version, Codec = codec }, hasIndex: version == 1);
            var bytes = File.ReadAllBytes(_file.Path);
            if (ends.Length < 4 || !RowLies.Shift(bytes, random, version))
                continue;
            File.WriteAllBytes(_file.Path, bytes);
            using var file = ParquetFile.Open(_file.Path);
            var ranges = 1;
            var problem = Record.Exception(() => ReadRanges(file, 3, random, out ranges));
            // A row group that is not cut is not read by the index.
            Assert.True(problem is ParquetException || (version == 1 && ranges == 1), $"seed {seed}: {problem}");
            lies += problem is null ? 0 : 1;
        }
        Assert.True(lies > 50, $"{lies} lies test little");
    }

    [Theory]
    [InlineData("1 5 1;0 5 2", "the page begins in the middle of a row, but no row is open")]
    [InlineData("2 5 1", "the page begins in the middle of a row, but no row is open")]
    [InlineData("0 0 -;1 5 1", "a list that is null or empty has a second entry")]
    [InlineData("0 1 -;2 5 1", "a list that is null or empty has a second entry")]
    [InlineData("0 1 -|2 5 1", "a list that is null or empty has a second entry")]
    [InlineData("0 5 1;1 3 -|2 5 1", "a list that is null or empty has a second entry")]
    [InlineData("0 5 1;1 1 -", "definition level 1 inside a list, where at least 2 is possible")]
    [InlineData("0 5 1|1 1 -", "definition level 1 inside a list, where at least 2 is possible")]
    [InlineData("0 5 1;1 2 -;2 5 1", "definition level 2 inside a list, where at least 4 is possible")]
    [InlineData("0 5 1;2 3 -", "definition level 3 inside a list, where at least 4 is possible")]
    [InlineData("0 5 1|2 3 -", "definition level 3 inside a list, where at least 4 is possible")]
    public void Levels_that_contradict_themselves_are_refused(string pages, string message)
    {
        var entries = new List<SequenceFile.Entry>();
        var ends = new List<int>();
        foreach (var page in pages.Split('|'))
        {
            entries.AddRange(page.Split(';').Select(entry => entry.Split(' ')).Select(e =>
                new SequenceFile.Entry(uint.Parse(e[0]), uint.Parse(e[1]), e[2] == "-" ? null : float.Parse(e[2]))));
            ends.Add(entries.Count);
        }
        SequenceFile.Write(_file.Path, entries, ends, new WriterOptions { PageVersion = 1 }, hasIndex: false);
        using var file = ParquetFile.Open(_file.Path);
        var refusal = Assert.Throws<ParquetException>(() => ReadRanges(file, 1, new Random(1), out _));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal((0, "logits.list.element.list.element"), (refusal.RowGroup, refusal.Column));
    }

    private static List<float?[]?[]?> RandomRows(Random random, int classes)
    {
        var rows = new List<float?[]?[]?>();
        for (var count = random.Next(1, 25); count > 0; count--)
        {
            var positions = random.Next(4) == 0 ? random.Next(40) : random.Next(5);
            rows.Add(random.Next(12) == 0 ? null : [.. Enumerable.Range(0, positions).Select(_ => RandomPosition(random, classes))]);
        }
        return rows;
    }

    private static float?[]? RandomPosition(Random random, int classes)
    {
        var length = random.Next(40) == 0 ? random.Next(2 * classes) : classes;
        float?[] position = [.. Enumerable.Range(0, length).Select(_ => (float?)random.NextSingle())];
        if (length > 0 && random.Next(40) == 0)
            position[random.Next(length)] = null;
        return random.Next(40) == 0 ? null : position;
    }

    // V1 pages end anywhere, V2 pages behind a row.
    private static List<int> RandomEnds(Random random, List<SequenceFile.Entry> entries, int version)
    {
        var (ends, mean) = (new List<int>(), random.GetItems([2, 10, 60, 500], 1)[0]);
        for (var end = random.Next(1, 2 * mean); end < entries.Count; end += random.Next(1, 2 * mean))
        {
            while (version == 2 && end < entries.Count && entries[end].Repetition != 0)
                end++;
            if (end < entries.Count)
                ends.Add(end);
        }
        return [.. ends, entries.Count];
    }

    // As shards are: each range to the end of its last row and no further; one that fails does not keep the next from being read.
    private static List<string> ReadRanges(ParquetFile file, int classes, Random random, out int ranges)
    {
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        var starts = PagePlan.Find(file, column, 0, targetBytes: random.GetItems([1, 100, 1000, 1 << 20], 1)[0]);
        ranges = starts.Length;
        var (rows, failure) = (new List<string>(), default(ParquetException));
        for (var i = 0; i < starts.Length; i++)
        {
            try
            {
                var groupRows = file.Metadata.RowGroups[0].NumRows;
                var end = i + 1 < starts.Length ? starts[i + 1].FirstRow : groupRows;
                using var reader = column.OpenSequenceReader(0, classes, starts[i]);
                for (var row = starts[i].FirstRow; row < end; row++)
                {
                    Assert.True(reader.NextRow(out var isNull));
                    rows.Add(Show(reader, isNull, random));
                }
                if (end == groupRows)
                    Assert.False(reader.NextRow(out _));
            }
            catch (ParquetException e)
            {
                failure ??= e;
            }
        }
        return failure is null ? rows : throw failure;
    }

    private static string Show(SequenceLogitReader reader, bool isNull, Random random)
    {
        var positions = new List<Row>();
        while (reader.TryReadPositions(random.Next(1, 9), out var tile))
            Rows.Add(tile, positions);
        return isNull ? "null" : string.Join(';', positions);
    }

    private static string Show(float?[]?[]? row, int classes) => row is null ? "null" : string.Join(';', row.Select(position =>
        position is null || position.Contains(null) ? "NullLogits 0"
        : position.Length != classes ? $"WrongLength {position.Length}"
        : string.Join(' ', position.Select(value => (double)value!.Value))));
}
