using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

public sealed class ChangedFileTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_written_again_since_the_plan_is_refused_by_name()
    {
        string path = Write(label: 0);
        var plan = RunPlan.Create([path], new EvaluationOptions());
        File.Delete(path);
        Write(label: 1);
        // Same length, other content: the time tells where the footer does not.
        File.SetLastWriteTimeUtc(path, plan.Files[0].Modified.UtcDateTime.AddSeconds(1));
        var e = Assert.Throws<MissingInputException>(() => DumpFolder.Evaluate(plan));
        Assert.Contains($"{path}: the file changed since the run was planned", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Planning_stops_when_it_is_cancelled() =>
        Assert.Throws<OperationCanceledException>(
            () => RunPlan.Create([Write(label: 0)], new EvaluationOptions(), cancel: new CancellationToken(canceled: true)));

    private string Write(long label) =>
        _folder.Write("dump.parquet", DumpFolder.Nullable, new WriterOptions(), Enumerable.Range(0, 10).Select(r => new DumpRow([0, 1, r], label)));
}
