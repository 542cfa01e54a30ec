using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Rows without a loss: their cause, their place, and which cause counts where several apply.</summary>
public sealed class InvalidRowTests : IDisposable
{
    // Row 6 is in the middle of the second row group's second page, and of the third tile of two rows.
    private const int BadRow = 6;
    private static readonly WriterOptions Pages = new() { RowGroupRows = 4, PageRows = 2 };
    private readonly DumpFolder _folder = new();

    public static TheoryData<string, InvalidCause, string> BadRows => new()
    {
        { "null label", InvalidCause.NullLabel, "the label in column label is null" },
        { "label 3", InvalidCause.LabelOutOfRange, "label 3 in column label is outside 0 to 2 (3 classes) and is not the ignore index -100" },
        { "label -1", InvalidCause.LabelOutOfRange, "label -1 in column label is outside 0 to 2" },
        { "null row", InvalidCause.NullLogits, "the logits are null" },
        { "null logit", InvalidCause.NullLogits, "hold a null" },
        { "short", InvalidCause.WrongLength, "the row has 2 logits, but " },
        { "long", InvalidCause.WrongLength, "the row has 4 logits, but " },
        { "empty", InvalidCause.WrongLength, "the row has 0 logits, but " },
        { "nan", InvalidCause.NaN, "a logit is NaN" },
        { "infinity", InvalidCause.Infinity, "a logit is +infinity" },
        { "masked", InvalidCause.AllMasked, "every logit is -infinity" },
        // Where two causes apply, the first of design.md's order counts.
        { "null label, nan", InvalidCause.NullLabel, "null" },
        { "label 3, null row", InvalidCause.LabelOutOfRange, "label 3" },
        { "label 3, short", InvalidCause.LabelOutOfRange, "label 3" },
        { "short with a null", InvalidCause.NullLogits, "hold a null" },
        { "infinity, nan", InvalidCause.NaN, "NaN" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadRows))]
    public void A_bad_row_fails_the_run_with_its_cause_and_its_exact_place(string row, InvalidCause cause, string problem)
    {
        string path = Write(Bad(row));
        var e = Assert.Throws<BadInputException>(() => DumpFolder.Evaluate(Plan(new EvaluationOptions())));
        Assert.StartsWith($"{path}: row group 1, row {BadRow}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.True(cause != InvalidCause.WrongLength || e.Message.Contains($"but {path} says 3 classes", StringComparison.Ordinal), e.Message);
    }

    [Theory]
    [MemberData(nameof(BadRows))]
    public void A_bad_row_is_skipped_under_its_cause_and_every_row_is_accounted_for(string row, InvalidCause cause, string problem)
    {
        Assert.NotEmpty(problem);
        Write(Bad(row));
        var totals = DumpFolder.Evaluate(Plan(new EvaluationOptions { OnInvalid = InvalidRowPolicy.Skip }));
        Assert.Equal(1, totals.Rows[cause]);
        Assert.Equal((9, 8, 0, 1), (totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored, totals.Rows.Invalid));
        Assert.Equal(8 * Math.Log(3), totals.Losses.Sum, 12);
    }

    [Theory]
    [InlineData("null row")]
    [InlineData("null logit")]
    [InlineData("short")]
    [InlineData("empty")]
    [InlineData("nan")]
    [InlineData("infinity")]
    [InlineData("masked")]
    public void The_logits_of_an_ignored_row_are_not_looked_at(string row)
    {
        Write(Bad(row) with { Label = -100 });
        var totals = DumpFolder.Evaluate(Plan(new EvaluationOptions()));
        Assert.Equal((9, 8, 1), (totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored));
    }

    [Fact]
    public void The_ignore_index_may_be_a_class_and_a_null_label_is_not_that_class()
    {
        Write(Bad("null label"));
        var totals = DumpFolder.Evaluate(Plan(new EvaluationOptions { IgnoreIndex = 0, OnInvalid = InvalidRowPolicy.Skip }));
        Assert.Equal((9, 6, 2, 1), (totals.Rows.Total, totals.Rows.Evaluated, totals.Rows.Ignored, totals.Rows[InvalidCause.NullLabel]));
    }

    [Fact]
    public void Where_no_row_has_logits_the_message_does_not_speak_of_a_number_of_classes()
    {
        _folder.Write("dump.parquet", DumpFolder.Nullable, Pages, [new([], -100), new(null, -100), new([], 1)]);
        var plan = Plan(new EvaluationOptions());
        Assert.Null(plan.Classes);
        var e = Assert.Throws<BadInputException>(() => DumpFolder.Evaluate(plan));
        Assert.Contains("row group 0, row 2: the row has no logits, and neither has any other", e.Message, StringComparison.Ordinal);
    }

    private static DumpRow Bad(string row) => row switch
    {
        "null label" => new([0, 0, 0], null),
        "label 3" => new([0, 0, 0], 3),
        "label -1" => new([0, 0, 0], -1),
        "null row" => new(null, 1),
        "null logit" => new([0, null, 0], 1),
        "short" => new([0, 0], 1),
        "long" => new([0, 0, 0, 0], 1),
        "empty" => new([], 1),
        "nan" => new([0, double.NaN, 0], 1),
        "infinity" => new([0, 0, double.PositiveInfinity], 1),
        "masked" => new([double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity], 1),
        "null label, nan" => new([0, double.NaN, 0], null),
        "label 3, null row" => new(null, 3),
        "label 3, short" => new([0], 3),
        "short with a null" => new([0, null], 1),
        "infinity, nan" => new([double.PositiveInfinity, double.NaN, 0], 1),
        _ => throw new ArgumentOutOfRangeException(nameof(row), row, null),
    };

    private string Write(DumpRow bad) => _folder.Write(
        "dump.parquet", DumpFolder.Nullable, Pages, Enumerable.Range(0, 9).Select(r => r == BadRow ? bad : new DumpRow([1, 1, 1], r % 3)));

    private RunPlan Plan(EvaluationOptions options) => RunPlan.Create([_folder.Path], options) with { TileRows = 2 };
}
