using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Local.Tests;

/// <summary>A run counts each shard's partial result once, whoever evaluates it and whatever totals are reused for it.</summary>
public sealed class MergeTests : IDisposable
{
    private const int Rows = 96;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-local-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(96, 1)]
    [InlineData(96, 7)]
    public async Task Every_shard_counts_once(int shards, int workers)
    {
        // A row of 4 equal logits loses 2 ln 2, one of 2 beside masks ln 2; the first shard has the hard ones.
        double sum = 0;
        using (var writer = new DumpWriter(Path.Combine(_folder.FullName, "dump.parquet"), new DumpSchema(4), new WriterOptions { RowGroupRows = Rows / shards }))
        {
            for (int r = 0; r < Rows; r++)
            {
                double mask = r < Rows / shards ? 0 : double.NegativeInfinity;
                writer.AppendRow([0, 0, mask, mask], r % 2);
                sum += Math.Log(mask < 0 ? 2 : 4);
            }

            writer.Close();
        }

        var plan = RunPlan.Create([_folder.FullName], new EvaluationOptions(), new PlanOptions { ShardBytes = 1 });
        Assert.Equal(shards, plan.Shards.Count);
        var outcome = await new LocalEngine(new LocalEngineOptions { Workers = workers }).RunAsync(plan, _ => { }).WaitAsync(TimeSpan.FromMinutes(5));
        var result = Assert.IsType<RunOutcome.Completed>(outcome).Result;
        Assert.Equal((Rows, Rows, Rows), (result.Rows.Total, result.Rows.Evaluated, result.Loss.Denominator));
        Assert.Equal(sum, result.Loss.Sum!.Value, 1e-12);
        Assert.Equal(sum / Rows, result.Loss.Mean!.Value, 1e-12);
        Assert.Equal([Rows / 2, Rows / 2, 0, 0], result.PerClass.Select(c => c.Count));
    }
}
