using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Labels that are names of classes.</summary>
public sealed class ClassNameTests : IDisposable
{
    private static readonly string[] Names = ["cat", "dog", "Straße"];

    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_have_the_digest_of_the_indices_that_they_stand_for()
    {
        var run = OptionFamily.Of("class names");
        run.Dump().Write(_folder["dump.parquet"]);
        var names = Evaluate(run.Options with { SliceBy = [] });
        Assert.True(names.Rows.Evaluated > 50 && names.Rows[InvalidCause.LabelOutOfRange] > 0 && names.Rows[InvalidCause.NullLabel] > 0);

        // As a name the ignore index is a class like any that has no name.
        var indices = Evaluate(run.Options with { SliceBy = [], LabelColumn = "label", ClassNames = null, IgnoreIndex = -7 });
        Assert.Equal(indices.Digest(), names.Digest());
    }

    [Fact]
    public void An_unknown_name_fails_the_run_with_the_name_and_its_place()
    {
        Write("cat", "Strasse", "dog");
        var e = Assert.Throws<BadInputException>(() => Evaluate(Options));
        Assert.Contains("dump.parquet: row group 0, row 1: label \"Strasse\" in column label is none of the 3 names of --classes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_name_fails_the_run_with_its_place()
    {
        Write("cat", "dog", null);
        var e = Assert.Throws<BadInputException>(() => Evaluate(Options));
        Assert.Contains("row group 0, row 2: the label in column label is null", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-100)]
    [InlineData(4)]
    [InlineData(-5)]
    public void Names_that_no_class_has_are_counted_however_many_and_are_never_the_ignore_index(long ignoreIndex)
    {
        string?[] labels = [.. Enumerable.Range(0, 9000).Select(i => i % 3 == 0 ? Names[i % 2] : $"name {i}")];
        Write(labels);
        var totals = Evaluate(Options with { OnInvalid = InvalidRowPolicy.Skip, IgnoreIndex = ignoreIndex });
        Assert.Equal((3000, 0, 6000), (totals.Rows.Evaluated, totals.Rows.Ignored, totals.Rows[InvalidCause.LabelOutOfRange]));
        Assert.Equal([1500, 1500, 0], Enumerable.Range(0, 3).Select(totals.Classes.Count));
    }

    private static EvaluationOptions Options => new() { ClassNames = Names };

    private void Write(params string?[] labels) => new NestedTable(
        ("logits", labels.Select((_, i) => (double?[])[0, i % 5, 1]).ToArray()), ("label", labels))
    { GroupRows = 2500, PageRows = 100 }.Write(_folder["dump.parquet"]);

    private Totals Evaluate(EvaluationOptions options) =>
        DumpFolder.Evaluate(RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 5000 }) with { TileRows = 64 });
}
