using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Local.Tests;

/// <summary>Nothing else of the process may allocate while these tests measure.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>What whole runs allocate, planning and result included, on all threads.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IDisposable
{
    // Measured: 426,000, 6,900 and 13,600. The plan keeps some 370 and 170 of them; the rest is soon garbage (docs/performance.md).
    private const long BytesOfRun = 550_000;
    private const long BytesOfFile = 9_000;
    private const long BytesOfRowGroup = 16_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("dloss-local-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 20, 100)]
    [InlineData(1, 20, 2000)]
    [InlineData(1, 120, 100)]
    [InlineData(6, 20, 100)]
    [InlineData(100, 1, 100)]
    public async Task A_run_allocates_by_files_and_row_groups_and_not_by_rows(int files, int groups, int rows)
    {
        long allocated = await AllocatedAsync(files, groups, rows);
        long most = BytesOfRun + (files * BytesOfFile) + (files * groups * BytesOfRowGroup);
        Assert.True(allocated <= most, $"{allocated} bytes for {files} files of {groups} row groups of {rows} rows; at most {most}");
    }

    private async Task<long> AllocatedAsync(int files, int groups, int rows)
    {
        string dump = Path.Combine(_folder, $"{files}-{groups}-{rows}");
        SyntheticDump.Write(dump, new SyntheticOptions { Rows = files * groups * rows, Files = files, Classes = 10, RowGroupRows = rows });
        long least = long.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            var plan = RunPlan.Create([dump], new EvaluationOptions());
            var outcome = await new LocalEngine(new LocalEngineOptions { Workers = 1 }).RunAsync(plan, _ => { });
            Assert.IsType<RunOutcome.Completed>(outcome);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
