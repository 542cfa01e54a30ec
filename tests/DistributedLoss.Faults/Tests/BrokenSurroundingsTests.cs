using System.Net;
using System.Net.Sockets;
using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>What is wrong around a run is told in one line, and what the run has done is kept.</summary>
[Collection(ClusterSetup.Name)]
public sealed class BrokenSurroundingsTests(ClusterSetup setup) : IDisposable
{
    private const int Shards = 200;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task A_broker_that_cannot_be_used_ends_the_run_and_the_next_goes_on()
    {
        var dump = await DumpAsync();
        string run = _folder.PathOf("run");
        await BeginAsync(dump, run);
        int kept = RoundCheck.Journal(run).Count;
        Assert.InRange(kept, 1, Shards - 1);

        await RefusedAsync(dump, run, 4, "the broker refuses user coordinator or the password", ("DLOSS_BROKER_PASSWORD", "wrong"));
        await RefusedAsync(dump, run, 4, "connection refused", ("DLOSS_BROKER", $"amqp://127.0.0.1:{ClosedPort()}"));
        await RefusedAsync(dump, run, 4, "no TLS connection", ("DLOSS_BROKER", setup.Cluster.Environment("coordinator")["DLOSS_BROKER"].Replace("amqp:", "amqps:", StringComparison.Ordinal)));
        await using (var tls = await Broker.StartAsync(null, "--tls"))
        {
            string stranger = Path.Combine(tls.Folder, "tls", "stranger.crt");
            await RefusedAsync(dump, run, 4, "--broker-ca", [.. tls.Environment("coordinator").Select(v => (v.Key, v.Value)), ("DLOSS_BROKER_CA", stranger)]);
        }

        Assert.Equal(kept, RoundCheck.Journal(run).Count);
        await ResumesAsync(dump, run);
    }

    [BrokerFact(Needs.Mounts)]
    public async Task A_full_disk_under_the_run_directory_ends_the_run_and_with_room_it_goes_on()
    {
        var dump = await DumpAsync();
        await using var disk = await SmallDisk.CreateAsync(_folder.PathOf("disk"), 128 << 10);
        string run = Path.Combine(disk.Folder, "run");
        await using (setup.Cluster.StartWorker())
        {
            await RefusedAsync(dump, run, 4, "cannot be kept");
        }

        Assert.InRange(RoundCheck.Journal(run).Count, 1, Shards - 1);
        await disk.GrowAsync(64 << 20);
        await ResumesAsync(dump, run);
    }

    [BrokerFact(Needs.Mounts)]
    public async Task An_output_that_cannot_be_written_ends_the_run_and_another_has_its_result()
    {
        var dump = await DumpAsync();
        string run = _folder.PathOf("run");
        await RefusedAsync(dump, run, 2, "cannot be written", ["--output", Path.Combine(dump.Folder, "0000.parquet", "out.json")]);

        await using var disk = await SmallDisk.CreateAsync(_folder.PathOf("disk"), 16 << 10);
        string output = Path.Combine(disk.Folder, "out.json");
        await using (setup.Cluster.StartWorker())
        {
            disk.Fill();
            await RefusedAsync(dump, run, 4, output, ["--output", output]);
        }

        Assert.Equal(Shards, RoundCheck.Journal(run).Count);
        await ResumesAsync(dump, run);
    }

    private async Task<Dump> DumpAsync() => await Dump.LinkAsync(
        await Dump.GenerateAsync(_folder.PathOf("one.parquet"), rows: 4000, classes: 100), _folder.PathOf("dump"), links: Shards / Dump.RowGroups, shardBytes: 1 << 30);

    private async Task BeginAsync(Dump dump, string run)
    {
        await using var worker = setup.Cluster.StartWorker();
        await using var coordinator = setup.Cluster.StartCoordinator(dump, run);
        await coordinator.UntilAsync(LogEvent.Is("ShardFinished"), Deadline);
        coordinator.Send(Signal.Kill);
        await coordinator.EndAsync(Deadline);
    }

    private async Task RefusedAsync(Dump dump, string run, int exitCode, string why, params (string Name, string Value)[] variables) =>
        await RefusedAsync(dump, run, exitCode, why, [], variables);

    private async Task RefusedAsync(Dump dump, string run, int exitCode, string why, string[] options, params (string Name, string Value)[] variables)
    {
        var environment = setup.Cluster.Environment("coordinator");
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        await using var coordinator = DlossProcess.Start(
            ["evaluate", dump.Folder, "--shard-bytes", $"{dump.ShardBytes}", "--engine", "rabbitmq", "--run-dir", run, "--resume", "--progress", "never", .. options], environment);
        var outcome = await coordinator.EndAsync(Deadline);
        Assert.True(outcome.ExitCode == exitCode, outcome.ToString());
        Assert.Empty(outcome.Output);
        Assert.Contains(why, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    private async Task ResumesAsync(Dump dump, string run)
    {
        await using var worker = setup.Cluster.StartWorker();
        await using var coordinator = setup.Cluster.StartCoordinator(dump, run);
        var outcome = await coordinator.EndAsync(Deadline);
        Assert.Empty(RoundCheck.Violations(outcome, dump, run));
        Assert.Contains(outcome.ErrorLines, LogEvent.Is("RunResumed"));
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
