using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests;

/// <summary>The tests' own writer of nested columns writes what the reader reads.</summary>
public sealed class NestedTableTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_dump_of_lists_and_scalars_is_read_back()
    {
        double[][] logits = [.. Enumerable.Range(0, 23).Select(r => (double[])[r, 0, 0])];
        new NestedTable(("logits", logits), ("label", Enumerable.Range(0, 23).Select(r => (long?)0).ToArray())).Write(_folder["dump.parquet"]);
        var totals = DumpFolder.Evaluate(RunPlan.Create([_folder.Path], new EvaluationOptions()));
        Assert.Equal(23, totals.Rows.Evaluated);
        Assert.Equal(Enumerable.Range(0, 23).Sum(r => Math.Log(1 + (2 * Math.Exp(-r)))), totals.Losses.Sum, 1e-13);
    }

    [Fact]
    public void Nulls_and_empty_lists_are_where_they_are()
    {
        double[]?[] logits = [[0, 0], null, [], [0, 0, 0], [0, 0]];
        new NestedTable(("logits", logits), ("label", (long?[])[0, 0, 0, 0, null])).Write(_folder["dump.parquet"]);
        var rows = DumpFolder.Evaluate(RunPlan.Create([_folder.Path], new EvaluationOptions { OnInvalid = InvalidRowPolicy.Skip })).Rows;
        Assert.Equal((1, 1, 2, 1), (rows.Evaluated, rows[InvalidCause.NullLogits], rows[InvalidCause.WrongLength], rows[InvalidCause.NullLabel]));
    }
}
