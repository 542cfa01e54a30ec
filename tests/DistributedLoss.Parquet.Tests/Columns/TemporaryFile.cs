namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>A path in the temporary directory whose file goes with it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"dloss-{Guid.NewGuid():n}.parquet");

    public void Dispose() => File.Delete(Path);
}
