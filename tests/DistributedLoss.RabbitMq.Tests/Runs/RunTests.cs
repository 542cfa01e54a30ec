using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;
using RabbitMQ.Client.Exceptions;

namespace DistributedLoss.RabbitMq.Tests.Runs;

public sealed class RunTests(Broker broker) : IClassFixture<Broker>, IDisposable
{
    private readonly Dump _dump = new();

    public void Dispose() => _dump.Dispose();

    [BrokerFact]
    public async Task Workers_on_a_broker_come_to_the_digest_of_one_process_and_leave_no_queue()
    {
        await using var cluster = new Cluster(broker);
        cluster.StartWorker();
        cluster.StartWorker(slots: 2);
        var result = Assert.IsType<RunOutcome.Completed>(await cluster.RunAsync(_dump.Plan())).Result;
        Assert.Equal(await _dump.DigestAsync(), result.Digest);
        Assert.Equal(2000, result.Rows.Total);
        string run = cluster.Events.OfType<RunEvent.RunStarted>().Single().Run;
        foreach (string queue in (string[])[Topology.Shards(run), Topology.Results(run), Topology.Dead(run)])
        {
            await using var connection = await BrokerConnection.OpenAsync(broker.Settings("coordinator"), "test", CancellationToken.None);
            var channel = await connection.OpenChannelAsync(CancellationToken.None);
            var gone = await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclarePassiveAsync(queue));
            Assert.Equal(404, gone.ShutdownReason!.ReplyCode);
        }
    }

    [BrokerFact]
    public async Task A_worker_that_comes_after_the_run_began_takes_part()
    {
        await using var cluster = new Cluster(broker);
        var run = cluster.RunAsync(_dump.Plan());
        await cluster.SeeAsync<RunEvent.BrokerConnected>();
        cluster.StartWorker();
        Assert.Equal(await _dump.DigestAsync(), Assert.IsType<RunOutcome.Completed>(await run).Result.Digest);
    }

    [BrokerFact]
    public async Task Runs_that_share_a_broker_and_a_worker_are_served_in_turn()
    {
        await using var cluster = new Cluster(broker);
        var first = cluster.RunAsync(_dump.Plan());
        var second = cluster.RunAsync(_dump.Plan());
        await cluster.SeeAsync<RunEvent.BrokerConnected>(_ => cluster.Events.OfType<RunEvent.BrokerConnected>().Count() == 2);
        cluster.StartWorker();
        string digest = await _dump.DigestAsync();
        foreach (var outcome in await Task.WhenAll(first, second))
        {
            Assert.Equal(digest, Assert.IsType<RunOutcome.Completed>(outcome).Result.Digest);
        }

        string[] runs = [.. cluster.Events.OfType<RunEvent.ShardTaken>().Select(e => e.Run)];
        int lastOfFirst = Math.Min(Array.LastIndexOf(runs, runs[0]), Array.LastIndexOf(runs, runs.First(r => r != runs[0])));
        int firstOfSecond = Array.FindIndex(runs, r => r != runs[0]);
        Assert.True(firstOfSecond < lastOfFirst, $"one run was served after the other: {string.Join(' ', runs.Select(r => r[..2]))}");
    }

    [BrokerFact]
    public async Task A_corrupt_page_fails_the_run_naming_file_and_row_group_and_what_is_ahead_of_it_counts()
    {
        var (plan, rowGroup) = _dump.Corrupt();
        await using var cluster = new Cluster(broker);
        cluster.StartWorker(slots: 2);
        var failed = Assert.IsType<RunOutcome.Failed>(await cluster.RunAsync(plan));
        Assert.True(failed.BadInput);
        Assert.Contains(_dump.Path, failed.Message);
        Assert.Contains($"row group {rowGroup}", failed.Message);
        Assert.Equal(rowGroup, cluster.Events.OfType<RunEvent.ShardFinished>().Count(e => e.Shard < rowGroup));
    }

    [BrokerFact]
    public async Task A_worker_without_the_files_says_so_on_both_sides_and_takes_no_shard()
    {
        var plan = _dump.Plan();
        File.Delete(_dump.Path);
        await using var cluster = new Cluster(broker);
        cluster.StartWorker();
        using var cancel = new CancellationTokenSource();
        var run = cluster.RunAsync(plan, cancel: cancel.Token);
        Assert.Contains(_dump.Path, (await cluster.SeeAsync<RunEvent.RunRefused>()).Reason);
        Assert.Contains(_dump.Path, (await cluster.SeeAsync<RunEvent.WorkerRefused>()).Reason);
        await cancel.CancelAsync();
        Assert.IsType<RunOutcome.Cancelled>(await run);
        Assert.Empty(cluster.Events.OfType<RunEvent.ShardTaken>());
    }

    [BrokerFact]
    public async Task A_worker_of_another_version_says_so_on_both_sides_and_the_run_goes_on_without_it()
    {
        await using var cluster = new Cluster(broker);
        cluster.StartWorker(with: o => o with { Version = "0.0.1" });
        var run = cluster.RunAsync(_dump.Plan());
        Assert.Contains("0.0.1", (await cluster.SeeAsync<RunEvent.RunRefused>()).Reason);
        Assert.Contains("0.0.1", (await cluster.SeeAsync<RunEvent.WorkerRefused>()).Reason);
        cluster.StartWorker();
        Assert.IsType<RunOutcome.Completed>(await run);
        Assert.Single(cluster.Events.OfType<RunEvent.ShardTaken>().Select(e => e.Worker).Distinct());
    }

    [BrokerFact]
    public async Task A_worker_that_is_asked_to_stop_hands_back_what_it_does_not_finish_in_time()
    {
        await using var cluster = new Cluster(broker);
        var leaver = cluster.StartWorker(slots: 2, with: o => o with { Grace = TimeSpan.Zero });
        var run = cluster.RunAsync(_dump.Plan());
        await cluster.SeeAsync<RunEvent.ShardTaken>();
        await leaver.StopAsync();
        cluster.StartWorker();
        Assert.Equal(await _dump.DigestAsync(), Assert.IsType<RunOutcome.Completed>(await run).Result.Digest);
        Assert.Empty(cluster.Events.OfType<RunEvent.ShardFailed>());
    }

    [BrokerFact]
    public async Task A_user_without_permissions_is_told_which_it_lacks()
    {
        // The worker's role may not make the queues of a run.
        await using var cluster = new Cluster(broker) { CoordinatorBroker = broker.Settings("worker") };
        var refused = await Assert.ThrowsAsync<BrokerException>(() => cluster.RunAsync(_dump.Plan()));
        Assert.True(refused.IsLasting);
        Assert.Contains("user worker lacks a permission", refused.Message);
        Assert.Contains("docs/engines.md", refused.Message);
    }
}
