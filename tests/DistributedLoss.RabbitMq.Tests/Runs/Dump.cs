using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq.Tests.Runs;

/// <summary>A dump of 2,000 rows of 50 classes in 40 row groups, each a shard, and what the local engine says of it.</summary>
public sealed class Dump : IDisposable
{
    private const int RowGroups = 40;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-rabbit-");

    public Dump() => SyntheticDump.Write(Path, new SyntheticOptions { Rows = 50 * RowGroups, Classes = 50, RowGroupRows = 50 });

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "dump.parquet");

    public RunPlan Plan() => RunPlan.Create([Path], new EvaluationOptions());

    public async Task<string> DigestAsync() =>
        Assert.IsType<RunOutcome.Completed>(await new LocalEngine(new LocalEngineOptions { Workers = 1 }).RunAsync(Plan(), _ => { })).Result.Digest;

    /// <summary>Wipes out the header of a row group's first page.</summary>
    public (RunPlan Plan, int RowGroup) Corrupt()
    {
        var plan = Plan();
        long page;
        using (var parquet = ParquetFile.Open(Path))
        {
            page = parquet.Metadata.RowGroups[RowGroups / 2].Columns[0].DataPageOffset;
        }

        using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = page;
        file.Write(new byte[16]);
        return (plan, RowGroups / 2);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
