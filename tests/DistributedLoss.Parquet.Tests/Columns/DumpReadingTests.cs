using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Tests.Writing;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>
/// Dumps in every layout that the writer has (which other readers have checked against the same formulas), read back with windows from
/// one that holds less than a row to one that holds everything.
/// </summary>
public class DumpReadingTests(DumpFiles files) : IClassFixture<DumpFiles>
{
    public static TheoryData<string, int> Dumps()
    {
        var data = new TheoryData<string, int>();
        foreach (var dump in Dump.All)
        {
            foreach (var window in new[] { 64, 700, 512 << 10 })
                data.Add(dump.Name, window);
        }
        return data;
    }

    [Theory, MemberData(nameof(Dumps))]
    public void Every_row_comes_once_in_order_with_its_values_or_its_defect(string name, int window)
    {
        var (dump, path) = files[name];
        var rows = Rows.Read(path, Spec(dump), dump.Schema.Classes, Limits(window));
        Assert.Equal(dump.Rows, rows.Count);
        for (var r = 0; r < rows.Count; r++)
            Assert.Equal(Expected(dump, r), rows[r].ToString());
    }

    [Theory, MemberData(nameof(Dumps))]
    public void Ranges_of_a_page_plan_give_each_row_to_exactly_one_reader(string name, int window)
    {
        var (dump, path) = files[name];
        using var file = ParquetFile.Open(path, Limits(window));
        var column = LogitColumn.Resolve(file, Spec(dump));
        var rows = new List<Row>();
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            var end = file.Metadata.RowGroups[rowGroup].NumRows;
            var starts = PagePlan.Find(file, column, rowGroup, targetBytes: 3000);
            Assert.Equal(0, starts[0].FirstRow);
            for (var i = 0; i < starts.Length; i++)
            {
                var left = (i + 1 < starts.Length ? starts[i + 1].FirstRow : end) - starts[i].FirstRow;
                Assert.True(left > 0 || end == 0, $"start {i} of row group {rowGroup} is {starts[i]}");
                using var reader = column.OpenReader(rowGroup, dump.Schema.Classes, starts[i]);
                for (; left > 0 && reader.TryRead((int)left, out var tile); left -= tile.Rows)
                    Rows.Add(tile, rows);
            }
        }
        Assert.Equal(dump.Rows, rows.Count);
        for (var r = 0; r < rows.Count; r++)
            Assert.Equal(Expected(dump, r), rows[r].ToString());
    }

    [Theory, MemberData(nameof(Dumps))]
    public void Labels_and_ids_come_with_their_nulls_and_rows_can_be_passed_over(string name, int window)
    {
        var (dump, path) = files[name];
        using var file = ParquetFile.Open(path, Limits(window));
        var first = 0L;
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; first += file.Metadata.RowGroups[rowGroup++].NumRows)
        {
            foreach (var skipped in new[] { 0, 1, 17, file.Metadata.RowGroups[rowGroup].NumRows })
            {
                using var reader = IntegerColumnReader.Open(file, "label", rowGroup);
                reader.Skip(skipped);
                var (values, isNull) = (new long[37], new bool[37]);
                for (var row = first + skipped; reader.Read(values, isNull) is > 0 and var count; row += count)
                {
                    for (var i = 0; i < count; i++)
                        Assert.Equal(dump.IsLabelNull(row + i) ? (0, true) : (dump.Label(row + i), false), (values[i], isNull[i]));
                }
                Assert.Equal(0, reader.RowsLeft);
            }
            using var logits = LogitColumn.Resolve(file, Spec(dump)).OpenReader(rowGroup, dump.Schema.Classes, new RowRangeStart(FirstRow: 13));
            Assert.True(logits.TryRead(1, out var tile));
            var rows = new List<Row>();
            Rows.Add(tile, rows);
            Assert.Equal(Expected(dump, first + 13), rows[0].ToString());
        }
    }

    [Theory, MemberData(nameof(Dumps))]
    public void The_first_row_with_values_tells_the_number_of_classes(string name, int window)
    {
        var (dump, path) = files[name];
        using var file = ParquetFile.Open(path, Limits(window));
        int? expected = dump.Schema.Layout is LogitLayout.Flat or LogitLayout.PackedFixed ? dump.Schema.Classes
            : Enumerable.Range(0, dump.Rows).Where(r => !dump.AreLogitsNull(r) && dump.Length(r) > 0).Select(r => (int?)dump.Length(r)).FirstOrDefault();
        Assert.Equal(expected, LogitColumn.Resolve(file, Spec(dump)).FirstRowLength());
    }

    /// <summary>With small windows, compressed pages are decompressed in pieces however small they are.</summary>
    internal static ReaderLimits Limits(int window) => new() { WindowBytes = window, StreamedPageBytes = window < 1000 ? 0 : ReaderLimits.Default.StreamedPageBytes };

    internal static LogitColumnSpec Spec(Dump dump) => dump.Schema.Layout switch
    {
        LogitLayout.Flat => new LogitColumnSpec { Prefix = dump.Schema.LogitsPrefix },
        LogitLayout.List => new LogitColumnSpec(),
        _ => new LogitColumnSpec { Packed = Enum.Parse<FloatFormat>(dump.Schema.LogitType.ToString()) },
    };

    private static string Expected(Dump dump, long r)
    {
        var classes = Enumerable.Range(0, dump.Length(r));
        if (dump.AreLogitsNull(r) || classes.Any(c => dump.IsElementNull(r, c)))
            return $"{RowDefect.NullLogits} 0";
        return dump.Length(r) != dump.Schema.Classes
            ? $"{RowDefect.WrongLength} {dump.Length(r)}"
            : string.Join(' ', classes.Select(c => Dump.Logit(r, c)));
    }
}
