using System.Text.Json.Nodes;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>A sequence counts as a whole: its columns hold for all its positions, and where logits and labels differ in number no position counts.</summary>
public sealed class SequenceRowTests : IDisposable
{
    private static readonly EvaluationOptions Options = new() { NumClasses = 3, Statistics = StatisticKinds.All };

    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(10, 9)]
    [InlineData(9, 10)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Logits_and_labels_that_differ_in_number_fail_the_run_with_the_row(int positions, int labels)
    {
        Write((5, 5), (2, 2), (positions, labels), (3, 3));
        foreach (int tileRows in (int[])[1, 4, 4096])
        {
            var e = Assert.Throws<BadInputException>(() => Evaluate(Options, tileRows));
            Assert.Contains($"dump.parquet: row group 1, row 2: {positions} positions have logits, but {labels} have labels", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(10, 9)]
    [InlineData(9, 10)]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    public void When_skipped_all_positions_are_of_wrong_length_and_no_statistic_knows_them(int positions, int labels)
    {
        var options = Options with { OnInvalid = InvalidRowPolicy.Skip };
        Write((5, 5), (2, 2), (3, 3));
        var clean = Json(Evaluate(options, 4));
        Write((5, 5), (2, 2), (positions, labels), (3, 3));
        foreach (int tileRows in (int[])[1, 4, 4096])
        {
            var totals = Evaluate(options, tileRows);
            Assert.Equal((4, 10, Math.Max(positions, labels)), (totals.Sequences, totals.Rows.Evaluated, totals.Rows[InvalidCause.WrongLength]));
            var json = Json(totals);
            foreach (string name in (string[])["loss", "accuracy", "calibration", "brier", "entropy", "quantiles", "histogram", "perClass", "confusion"])
            {
                Assert.Equal(clean[name]!.ToJsonString(), json[name]!.ToJsonString());
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public void Bytes_count_once_a_sequence_and_slices_hold_for_all_its_positions(int tileRows)
    {
        Write((5, 5), (2, 2), (0, 0), (7, 7));
        var totals = Evaluate(Options with { BytesColumn = "bytes", SliceBy = [["bytes"]] }, tileRows);

        // The empty sequence has no position that stands for its 102 bytes.
        Assert.Equal(100 + 101 + 103.0, (double)totals.Bytes);
        Assert.Equal(14 * Math.Log(3), totals.Losses.Sum, 1e-12);
        Assert.Equal(
            [("100", 5, 100), ("101", 2, 101), ("103", 7, 103)],
            totals.Slices!.Sorted.Select(s => (s.Key.Values[0], (int)s.Totals.Rows.Evaluated, (int)(double)s.Totals.Bytes)));
    }

    private JsonNode Json(Totals totals)
    {
        var plan = RunPlan.Create([_folder.Path], Options);
        return JsonNode.Parse(OptionFamily.Json(OptionFamily.Build(plan, totals)).TrimEnd(',') + "}")!;
    }

    private void Write(params (int Positions, int Labels)[] rows) => new NestedTable(
        ("logits", rows.Select(r => Enumerable.Repeat((double?[])[1, 1, 1], r.Positions).ToArray()).ToArray()),
        ("label", rows.Select(r => Enumerable.Range(0, r.Labels).Select(p => (long?)(p % 3)).ToArray()).ToArray()),
        ("bytes", rows.Select((_, i) => (long?)(100 + i)).ToArray()))
    { GroupRows = 2, PageRows = 1 }.Write(_folder["dump.parquet"]);

    private Totals Evaluate(EvaluationOptions options, int tileRows) =>
        DumpFolder.Evaluate(RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 1 }) with { TileRows = tileRows });
}
