using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Tests;

namespace DistributedLoss.Local.Tests;

/// <summary>Slices beyond their limit end the run with one line, whoever meets the limit.</summary>
public sealed class SliceLimitTests : IDisposable
{
    private const int Rows = 400;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-slices-");

    public SliceLimitTests() => new NestedTable(
        ("logits", Enumerable.Range(0, Rows).Select(r => (double?[])[0, r % 7]).ToArray()),
        ("label", Enumerable.Range(0, Rows).Select(r => (long?)(r % 2)).ToArray()),
        ("id", Enumerable.Range(0, Rows).Select(r => $"id {r}").ToArray()))
    { GroupRows = 50, PageRows = 50 }.Write(Path.Combine(_folder.FullName, "dump.parquet"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(399, 1)]
    [InlineData(399, 3)]
    public async Task One_slice_too_many_in_a_shard_or_in_all_of_them_together_is_bad_input_in_one_line(int limit, int workers)
    {
        // A shard has 50 values: none of them alone has more than 399.
        var failed = Assert.IsType<RunOutcome.Failed>(await RunAsync(limit, workers));
        Assert.Equal(
            $"--slice-by id: there are more than {limit} slices (--max-slices); slice by columns of fewer values, or raise the limit",
            failed.Message[failed.Message.IndexOf("--slice-by", StringComparison.Ordinal)..]);
        Assert.True(failed.BadInput);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task As_many_slices_as_the_limit_are_a_slice_a_row(int workers)
    {
        var result = Assert.IsType<RunOutcome.Completed>(await RunAsync(Rows, workers)).Result;
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => $"id {r}").Order(StringComparer.Ordinal), result.Slices.Select(s => s.Key[0].Value));
        Assert.All(result.Slices, s => Assert.Equal(1, s.Figures.Rows.Evaluated));
    }

    private Task<RunOutcome> RunAsync(int limit, int workers)
    {
        var plan = RunPlan.Create([_folder.FullName], new EvaluationOptions { SliceBy = [["id"]], MaxSlices = limit }, new PlanOptions { ShardBytes = 1 });
        Assert.Equal(Rows / 50, plan.Shards.Count);
        return new LocalEngine(new LocalEngineOptions { Workers = workers }).RunAsync(plan, _ => { }).WaitAsync(TimeSpan.FromMinutes(5));
    }
}
