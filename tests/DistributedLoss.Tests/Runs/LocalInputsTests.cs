using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Runs;

/// <summary>A worker's look at the inputs of a plan that was made elsewhere.</summary>
public sealed class LocalInputsTests : IDisposable
{
    private readonly DumpFolder _folder = new();
    private readonly RunPlan _plan;

    public LocalInputsTests() => _plan = RunPlan.Create([Write(0)], new EvaluationOptions());

    private string Dump => _plan.Files[0].Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_copy_that_was_written_at_another_time_is_the_same_input()
    {
        File.SetLastWriteTimeUtc(Dump, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        var local = LocalInputs.Localize(_plan);
        Assert.Equal(new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero), local.Files[0].Modified);
        Assert.Equal(_plan.Files[0], local.Files[0] with { Modified = _plan.Files[0].Modified });
        DumpFolder.Evaluate(local);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        File.Delete(Dump);
        Assert.Contains($"{Dump}: no such file", Assert.Throws<MissingInputException>(() => LocalInputs.Localize(_plan)).Message, StringComparison.Ordinal);
        Assert.Throws<MissingInputException>(() => DumpFolder.Evaluate(_plan));
    }

    [Fact]
    public void A_file_with_other_content_is_named()
    {
        Write(1);
        Write(0, rows: 11);
        Assert.Contains($"{Dump}: the file changed", Assert.Throws<MissingInputException>(() => LocalInputs.Localize(_plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_Parquet_here_is_named()
    {
        File.WriteAllText(Dump, "not found");
        Assert.Contains(Dump, Assert.Throws<MissingInputException>(() => LocalInputs.Localize(_plan)).Message, StringComparison.Ordinal);
    }

    private string Write(long label, int rows = 10) =>
        _folder.Write("dump.parquet", DumpFolder.Nullable, new WriterOptions(), Enumerable.Range(0, rows).Select(r => new DumpRow([0, 1, r], label)));
}
