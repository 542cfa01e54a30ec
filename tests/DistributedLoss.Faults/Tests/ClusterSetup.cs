using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>One broker for all tests: runs share it, as they may.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterSetup : IAsyncLifetime, ICollectionFixture<ClusterSetup>
{
    public const string Name = "cluster";

    private const int ShardBytes = 8_000_000;

    /// <summary>Longer than a worker that is cut off, or stopped, takes to be missed and to come back.</summary>
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(9);

    private string _folder = "";
    private Cluster? _cluster;
    private Dump? _long;

    internal Cluster Cluster => _cluster ?? throw new InvalidOperationException("there is no broker: the test was to be skipped");

    /// <summary>Of some seconds: made for the first that asks.</summary>
    internal async Task<Dump> LongDumpAsync() => _long ??= await Dump.LastAsync(await Dump.GenerateAsync(PathOf("dump.parquet")), PathOf("dump"), LongTime, ShardBytes);

    public async Task InitializeAsync()
    {
        if (Broker.Missing is null)
        {
            _folder = Directory.CreateTempSubdirectory("dloss-faults-").FullName;
            _cluster = await Cluster.StartAsync(NetworkLink.Missing is null);
        }
    }

    public async Task DisposeAsync()
    {
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (_folder.Length > 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
