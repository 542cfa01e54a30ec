using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Losses;

/// <summary>What the evaluator tells of each row.</summary>
public sealed class RowOutcomeTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public void Every_row_is_told_in_order_with_its_label_and_what_became_of_it(int tileRows)
    {
        const double masked = double.NegativeInfinity;
        var rows = Told(
            tileRows,
            new([masked, 5, masked], 1),
            new([1, 2, double.NaN], 0),
            new([masked, 5, 0], 0),
            new(null, 2),
            new([1, null, 3], 0),
            new([1, 2], 0),
            new([1, 2, double.PositiveInfinity], 2),
            new([masked, masked, masked], 2),
            new([1, 2, 3], 7),
            new([1, 2, 3], -100),
            new([1, 2, double.NaN], -100),
            new([1, 2, 3], null),
            new([9, 0, 9], 2));
        RowOutcome[] expected =
        [
            RowOutcome.Of(1, 0, 1, 1),
            RowOutcome.Invalid(0, InvalidCause.NaN),
            RowOutcome.Of(0, double.PositiveInfinity, 1, 3),
            RowOutcome.Invalid(2, InvalidCause.NullLogits),
            RowOutcome.Invalid(0, InvalidCause.NullLogits),
            RowOutcome.Invalid(0, InvalidCause.WrongLength),
            RowOutcome.Invalid(2, InvalidCause.Infinity),
            RowOutcome.Invalid(2, InvalidCause.AllMasked),
            RowOutcome.Invalid(7, InvalidCause.LabelOutOfRange),
            RowOutcome.Ignored(-100),
            RowOutcome.Ignored(-100),
            RowOutcome.Invalid(null, InvalidCause.NullLabel),
        ];
        Assert.Equal(expected, rows[..^1]);
        Assert.Equal((0, 2), (rows[^1].Evaluated!.Value.Predicted, rows[^1].Evaluated!.Value.Rank));
    }

    [Fact]
    public void The_probability_is_that_of_the_loss()
    {
        Assert.Equal(1, RowOutcome.Of(0, 0, 0, 1).Probability);
        Assert.Equal(0, RowOutcome.Of(0, double.PositiveInfinity, 0, 1).Probability);
        // 1/e, the double nearest to it, and one ulp.
        Assert.InRange(RowOutcome.Of(0, 1, 0, 1).Probability!.Value, Math.BitDecrement(0.36787944117144233), Math.BitIncrement(0.36787944117144233));
        Assert.Null(RowOutcome.Ignored(0).Probability);
        Assert.Null(RowOutcome.Invalid(0, InvalidCause.NaN).Probability);
    }

    [Fact]
    public void Who_asks_for_rows_gets_the_same_totals()
    {
        string path = _folder.Write("dump.parquet", DumpFolder.Nullable, new WriterOptions(), [new([0, 1, 2], 1), new([0, 1, 2], -100), new([3, 1, 2], 0)]);
        var plan = RunPlan.Create([path], new EvaluationOptions());
        using var evaluator = new ShardEvaluator(plan);
        var totals = evaluator.Evaluate(plan.Shards[0], plan.NewTotals(), new Patient(), new Rows())!.Totals;
        Assert.Equal(DumpFolder.Evaluate(plan).Digest(), totals.Digest());
    }

    private RowOutcome[] Told(int tileRows, params DumpRow[] rows)
    {
        string path = _folder.Write("dump.parquet", DumpFolder.Nullable, new WriterOptions(), rows);
        var plan = RunPlan.Create([path], new EvaluationOptions { OnInvalid = InvalidRowPolicy.Skip }) with { TileRows = tileRows };
        using var evaluator = new ShardEvaluator(plan);
        var told = new Rows();
        foreach (var shard in plan.Shards)
        {
            Assert.NotNull(evaluator.Evaluate(shard, plan.NewTotals(), new Patient(), told));
        }

        return [.. told.Outcomes];
    }

    private sealed class Rows : IRowSink
    {
        public List<RowOutcome> Outcomes { get; } = [];

        public void Add(in RowOutcome row) => Outcomes.Add(row);
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
