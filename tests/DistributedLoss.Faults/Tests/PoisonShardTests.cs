using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;
using DistributedLoss.Parquet;

namespace DistributedLoss.Faults.Tests;

/// <summary>A page whose checksum fails: no worker can evaluate it, and a retry cannot help.</summary>
[Collection(ClusterSetup.Name)]
public sealed class PoisonShardTests(ClusterSetup setup) : IDisposable
{
    private const int BadFile = 1;
    private const int BadRowGroup = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task It_fails_the_run_by_its_name_and_the_rest_is_kept()
    {
        string good = await Dump.GenerateAsync(_folder.PathOf("good.parquet"), rows: 4000, classes: 100);
        var dump = await Dump.LinkAsync(good, _folder.PathOf("dump"), links: 3, shardBytes: 1 << 30);
        string bad = Path.Combine(dump.Folder, $"{BadFile:0000}.parquet");
        Corrupt(good, bad);

        await using var worker = setup.Cluster.StartWorker();
        await using var other = setup.Cluster.StartWorker();
        var failed = await RunAsync(dump);
        Assert.Equal(3, failed.ExitCode);
        Assert.Empty(failed.Output);
        string reason = Single(failed, "RunFailed").Text("reason");
        Assert.Contains(bad, reason, StringComparison.Ordinal);
        Assert.Contains($"row group {BadRowGroup}", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(failed.ErrorLines, LogEvent.Is("ShardRetried"));
        // Whatever is ahead of it in the plan counts before the run fails.
        int kept = RoundCheck.Journal(_folder.PathOf("run")).Count;
        Assert.InRange(kept, (BadFile * Dump.RowGroups) + BadRowGroup, (3 * Dump.RowGroups) - 1);

        // Mended as by a plain copy: its time is another, and so is perhaps all that was counted of it.
        var corrupted = File.GetLastWriteTimeUtc(bad);
        File.Copy(good, bad, overwrite: true);
        File.SetLastWriteTimeUtc(bad, corrupted.AddSeconds(1));
        var refused = await RunAsync(dump);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains($"{bad}: changed since the run was begun", Single(refused, "RunFailed").Text("reason"), StringComparison.Ordinal);

        // Mended in place, as by rsync --times from where it was sound: the file that was meant from the beginning.
        File.SetLastWriteTimeUtc(bad, corrupted);
        var resumed = await RunAsync(dump);
        Assert.Empty(RoundCheck.Violations(resumed, dump, _folder.PathOf("run")));
        Assert.Equal(kept, Single(resumed, "RunResumed").Integer("shardsDone"));
    }

    private async Task<Outcome> RunAsync(Dump dump)
    {
        await using var coordinator = setup.Cluster.StartCoordinator(dump, _folder.PathOf("run"));
        return await coordinator.EndAsync(Deadline);
    }

    private static LogEvent Single(Outcome outcome, string name) => LogEvent.Parse(Assert.Single(outcome.ErrorLines, LogEvent.Is(name)))!.Value;

    // In the middle of the logits, where no header is. The footer stays as it is.
    private static void Corrupt(string good, string bad)
    {
        File.Delete(bad);
        File.Copy(good, bad);
        using var parquet = ParquetFile.Open(good);
        var logits = parquet.Metadata.RowGroups[BadRowGroup].Columns.MaxBy(c => c.TotalCompressedSize)!;
        using var file = File.Open(bad, FileMode.Open);
        file.Seek(logits.StartOffset + (logits.TotalCompressedSize / 2), SeekOrigin.Begin);
        int value = file.ReadByte();
        file.Seek(-1, SeekOrigin.Current);
        file.WriteByte((byte)~value);
    }
}
