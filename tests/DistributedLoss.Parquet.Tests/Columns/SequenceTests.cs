using System.Text.Json;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>The coarse rows as positions of sequences, from seven other writers (tests/fixtures/sequences).</summary>
public class SequenceTests
{
    private static readonly int[] All = [.. JsonDocument.Parse(File.ReadAllText(FixtureTests.PathOf("sequences/expected.json")))
        .RootElement.GetProperty("lengths").EnumerateArray().Select(length => length.GetInt32())];

    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in Directory.GetFiles(FixtureTests.PathOf("sequences"), "*.parquet").Select(Path.GetFileName).Order(StringComparer.Ordinal))
        {
            foreach (var window in new[] { 512 << 10, 100 })
                data.Add(name!, window);
        }
        return data;
    }

    [Theory, MemberData(nameof(Files))]
    public void Positions_and_labels_are_those_that_the_file_was_made_from(string name, int window)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf($"sequences/{name}"), DumpReadingTests.Limits(window));
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        Assert.True(column.IsSequence);
        Assert.Equal(10, column.FirstRowLength());
        foreach (var atOnce in new[] { 1, 3, int.MaxValue })
            Assert.Equal(Rows(name), Read(file, column, rowGroup => [default], atOnce));
        Assert.Equal(Labels(name), ReadLabels(file));
    }

    [Theory, MemberData(nameof(Files))]
    public void Ranges_of_a_page_plan_give_each_row_to_exactly_one_reader(string name, int window)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf($"sequences/{name}"), DumpReadingTests.Limits(window));
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        foreach (var targetBytes in new[] { 1, 500, 3000 })
            Assert.Equal(Rows(name), Read(file, column, rowGroup => PagePlan.Find(file, column, rowGroup, targetBytes), atOnce: 5));
    }

    [Theory, MemberData(nameof(Files))]
    public void Rows_can_be_passed_over_wholly_or_behind_their_first_positions(string name, int window)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf($"sequences/{name}"), DumpReadingTests.Limits(window));
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        var rows = (int)file.Metadata.RowGroups[0].NumRows;
        for (var skipped = 0; skipped <= rows; skipped++)
        {
            using var reader = column.OpenSequenceReader(0, 10, new RowRangeStart(skipped));
            using var labels = SequenceLabelReader.Open(file, "label", 0);
            labels.Skip(skipped);
            var row = skipped;
            for (; reader.NextRow(out _); row++)
            {
                if (row % 2 == 0 && reader.TryReadPositions(2, out var tile))
                {
                    var positions = new List<Row>();
                    Columns.Rows.Add(tile, positions);
                    Assert.Equal(Rows(name)[row].Take(positions.Count), positions.Select(position => position.ToString()));
                }
                Assert.True(labels.NextRow(out var values, out _, out _));
                Assert.Equal(Labels(name)[row], string.Join(' ', values.ToArray()));
            }
            Assert.Equal(rows, row);
            Assert.False(labels.NextRow(out _, out _, out _));
        }
        Assert.Contains("more are to be skipped", Assert.Throws<ParquetException>(() => column.OpenSequenceReader(0, 10, new RowRangeStart(rows + 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(512 << 10)]
    [InlineData(64)]
    public void Faults_stay_in_their_positions(int window)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("bad/sequence_defects.parquet"), DumpReadingTests.Limits(window));
        var expected = Rows("");
        expected[6] = ["null"];
        expected[3][0] = "NullLogits 0";
        expected[3][4] = "WrongLength 0";
        expected[3][32] = "WrongLength 9";
        expected[7][1] = "WrongLength 11";
        expected[15][19] = "NullLogits 0";
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        Assert.Equal(expected, Read(file, column, rowGroup => [default], atOnce: 4));
        var labels = Labels("");
        labels[12] = labels[12].Replace(" " + labels[12].Split(' ')[1] + " ", " null ", StringComparison.Ordinal);
        labels[13] = "null";
        labels[16] = string.Join(' ', labels[16].Split(' ')[..2]);
        Assert.Equal(labels, ReadLabels(file));
    }

    [Theory]
    [InlineData("bad/sequence_of_integers.parquet", "the column is a list of lists of int32; lists of float, double or float16 can be read")]
    [InlineData("bad/sequence_too_deep.parquet", "the column is a list of lists of lists")]
    public void Lists_of_other_things_are_refused(string name, string message)
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf(name));
        Assert.Contains(message, Assert.Throws<ParquetException>(() => LogitColumn.Resolve(file, new LogitColumnSpec())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_list_a_row_and_sequences_are_not_mistaken_for_each_other()
    {
        using var sequences = ParquetFile.Open(FixtureTests.PathOf("sequences/duckdb_f32_none.parquet"));
        using var rows = ParquetFile.Open(FixtureTests.PathOf("coarse/duckdb_list_none.parquet"));
        var refusals = new[]
        {
            (Assert.Throws<ParquetException>(() => LogitColumn.Resolve(sequences, new LogitColumnSpec()).OpenReader(0, 10)), "a list of lists, where one list per row is needed"),
            (Assert.Throws<ParquetException>(() => LogitColumn.Resolve(rows, new LogitColumnSpec()).OpenSequenceReader(0, 10)), "no list of lists"),
            (Assert.Throws<ParquetException>(() => SequenceLabelReader.Check(rows, "label")), "the column is int32, where a list of integers is needed"),
            (Assert.Throws<ParquetException>(() => SequenceLabelReader.Check(rows, "logits")), "the column is a list of float, where a list of integers is needed"),
            (Assert.Throws<ParquetException>(() => SequenceLabelReader.Check(sequences, "logits")), "the column is a list of a list of float, where a list of integers is needed"),
        };
        Assert.All(refusals, refusal => Assert.Contains(refusal.Item2, refusal.Item1.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_of_more_labels_than_the_limit_is_refused()
    {
        using var file = ParquetFile.Open(FixtureTests.PathOf("sequences/duckdb_f32_none.parquet"), new ReaderLimits { MaxSequenceLength = 99 });
        Assert.Contains("a row of more than 99 labels", Assert.Throws<ParquetException>(() => ReadLabels(file)).Message, StringComparison.Ordinal);
    }

    /// <summary>Per row its positions as <see cref="Row"/> shows them; "null" for a row that is null.</summary>
    private static List<string[]> Rows(string name)
    {
        var (logits, start) = (FixtureData.Coarse.Logits, 0);
        return [.. Lengths(name).Select(length => logits[start..(start += length)].Select(row => string.Join(' ', row)).ToArray())];
    }

    private static string[] Labels(string name)
    {
        var (labels, start) = (FixtureData.Coarse.Labels, 0);
        return [.. Lengths(name).Select(length => string.Join(' ', labels[start..(start += length)]))];
    }

    // The writer of 2022 cannot write empty sequences.
    private static IEnumerable<int> Lengths(string name) => All.Where(length => length > 0 || !name.StartsWith("arrow2022", StringComparison.Ordinal));

    private static List<string[]> Read(ParquetFile file, LogitColumn column, Func<int, IReadOnlyList<RowRangeStart>> ranges, int atOnce)
    {
        var rows = new List<string[]>();
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            var starts = ranges(rowGroup);
            for (var i = 0; i < starts.Count; i++)
            {
                var end = i + 1 < starts.Count ? starts[i + 1].FirstRow : file.Metadata.RowGroups[rowGroup].NumRows;
                using var reader = column.OpenSequenceReader(rowGroup, 10, starts[i]);
                for (var row = starts[i].FirstRow; row < end; row++)
                {
                    Assert.True(reader.NextRow(out var isNull));
                    var positions = new List<Row>();
                    while (reader.TryReadPositions(atOnce, out var tile))
                    {
                        Assert.InRange(tile.Rows, 1, atOnce);
                        Columns.Rows.Add(tile, positions);
                    }
                    Assert.False(isNull && positions.Count > 0);
                    rows.Add(isNull ? ["null"] : [.. positions.Select(position => position.ToString())]);
                }
                if (end == file.Metadata.RowGroups[rowGroup].NumRows)
                    Assert.False(reader.NextRow(out _));
            }
        }
        return rows;
    }

    private static List<string> ReadLabels(ParquetFile file)
    {
        var rows = new List<string>();
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = SequenceLabelReader.Open(file, "label", rowGroup);
            while (reader.NextRow(out var labels, out var isNull, out var isNullList))
            {
                var texts = new List<string>();
                for (var i = 0; i < labels.Length; i++)
                    texts.Add(isNull[i] ? "null" : $"{labels[i]}");
                rows.Add(isNullList ? "null" : string.Join(' ', texts));
            }
        }
        return rows;
    }
}
