using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>The same logits and labels from seven other writers (tests/fixtures): every file must read as the numbers it was made from.</summary>
public class FixtureTests
{
    private static readonly string Fixtures = Repository.File("tests/fixtures");

    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (var folder in new[] { "coarse", "fine" })
        {
            foreach (var path in Directory.GetFiles(Path.Combine(Fixtures, folder), "*.parquet").Order(StringComparer.Ordinal))
            {
                data.Add(Path.GetRelativePath(Fixtures, path), 512 << 10);
                data.Add(Path.GetRelativePath(Fixtures, path), 100);
            }
        }
        return data;
    }

    [Theory, MemberData(nameof(Files))]
    public void Logits_and_labels_are_the_numbers_that_the_file_was_made_from(string name, int window)
    {
        var path = Path.Combine(Fixtures, name);
        var (logits, labels) = name.StartsWith("coarse", StringComparison.Ordinal) ? FixtureData.Coarse : FixtureData.Fine;
        var spec = SpecOf(name);
        var rows = Rows.Read(path, spec, logits[0].Length, DumpReadingTests.Limits(window));
        Assert.Equal(logits.Length, rows.Count);
        for (var r = 0; r < rows.Count; r++)
            Assert.Equal(logits[r], rows[r].Logits!);
        using var file = ParquetFile.Open(path, DumpReadingTests.Limits(window));
        Assert.Equal(logits[0].Length, LogitColumn.Resolve(file, spec).FirstRowLength());
        Assert.Equal(labels.Select(label => (long)label), ReadLabels(file));
    }

    [Theory]
    [InlineData("row_null", RowDefect.NullLogits, 0)]
    [InlineData("logit_null", RowDefect.NullLogits, 0)]
    [InlineData("row_empty", RowDefect.WrongLength, 0)]
    [InlineData("row_short", RowDefect.WrongLength, 9)]
    [InlineData("row_long", RowDefect.WrongLength, 11)]
    public void A_defect_in_row_7_stays_in_row_7(string name, RowDefect defect, int length)
    {
        var rows = Rows.Read(Path.Combine(Fixtures, "bad", name + ".parquet"), SpecOf(name), 10);
        var bad = Assert.Single(rows, row => row.Defect != RowDefect.None);
        Assert.Equal(new Row(null, defect, length), bad);
        Assert.Same(bad, rows[7]);
        for (var r = 0; r < rows.Count; r++)
        {
            if (r != 7)
                Assert.Equal(FixtureData.Coarse.Logits[r], rows[r].Logits!);
        }
    }

    [Theory]
    [InlineData("flat_null", RowDefect.NullLogits, 0)]
    [InlineData("packed_uneven", RowDefect.WrongLength, 4)]
    public void A_null_in_one_flat_column_or_a_binary_value_of_uneven_length_is_a_defect_of_its_row(string name, RowDefect defect, int length)
    {
        var rows = Rows.Read(Path.Combine(Fixtures, "bad", name + ".parquet"), SpecOf(name), 5);
        Assert.Equal([RowDefect.None, defect, RowDefect.None], rows.Select(row => row.Defect));
        Assert.Equal(new Row(null, defect, length), rows[1]);
    }

    [Theory]
    [InlineData("row_null", "scores", null, "there is no column scores; the file's columns are ")]
    [InlineData("row_null", null, "scores_", "there are no columns scores_0, scores_1, ...; the file's columns are ")]
    [InlineData("flat_with_a_gap", null, "logits_", "flat logits must not have gaps")]
    [InlineData("logits_are_text", "logits", null, "a list of byte_array (utf8); lists of float, double or float16 can be read")]
    [InlineData("logits_are_flags", "logits", null, "the column is boolean; logits are lists of floats")]
    [InlineData("row_null", "label", null, "int32")]
    public void Columns_that_are_missing_or_no_logits_are_refused_with_what_there_is(string name, string? column, string? prefix, string message)
    {
        using var file = ParquetFile.Open(Path.Combine(Fixtures, "bad", name + ".parquet"));
        var refusal = Assert.Throws<ParquetException>(() => LogitColumn.Resolve(file, new LogitColumnSpec { Column = column, Prefix = prefix }));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith(file.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_no_integer_is_refused_with_its_type()
    {
        using var file = ParquetFile.Open(Path.Combine(Fixtures, "bad", "label_is_a_fraction.parquet"));
        var refusal = Assert.Throws<ParquetException>(() => IntegerColumnReader.Open(file, "label", 0));
        Assert.Matches("the column is (float|double), where integers are needed", refusal.Message);
    }

    internal static IEnumerable<string> All() => Directory.GetFiles(Fixtures, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    internal static string PathOf(string name) => Path.Combine(Fixtures, name);

    internal static LogitColumnSpec SpecOf(string name) => new()
    {
        Prefix = name.Contains("flat", StringComparison.Ordinal) ? "logits_" : null,
        Packed = !name.Contains("packed", StringComparison.Ordinal) ? null
            : name.Contains("bfloat16", StringComparison.Ordinal) ? FloatFormat.BFloat16
            : name.Contains("16", StringComparison.Ordinal) ? FloatFormat.Float16
            : name.Contains("64", StringComparison.Ordinal) ? FloatFormat.Float64
            : FloatFormat.Float32,
    };

    private static List<long> ReadLabels(ParquetFile file)
    {
        var labels = new List<long>();
        var (values, isNull) = (new long[50], new bool[50]);
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = IntegerColumnReader.Open(file, "label", rowGroup);
            while (reader.Read(values, isNull) is > 0 and var count)
            {
                Assert.DoesNotContain(true, isNull[..count]);
                labels.AddRange(values[..count]);
            }
        }
        return labels;
    }
}
