using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.RabbitMq.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace DistributedLoss.RabbitMq.Tests.Runs;

/// <summary>What is lost on the way: the broker, the coordinator, deliveries. Each shard counts once.</summary>
public sealed class LossTests(Broker broker) : IClassFixture<Broker>, IDisposable
{
    private readonly Dump _dump = new();

    public void Dispose() => _dump.Dispose();

    [BrokerFact]
    public async Task A_coordinator_that_dies_is_continued_from_its_directory_and_the_results_that_waited_for_it()
    {
        string folder = Path.Combine(_dump.Folder, "run");
        await using var cluster = new Cluster(broker);
        cluster.StartWorker();
        using (var directory = RunDirectory.Open(folder, resume: false))
        {
            // What a listener throws ends a run as abruptly as anything that a process survives.
            int finished = 0;
            cluster.OnEvent = e =>
            {
                if (e is RunEvent.ShardFinished && ++finished == 10)
                {
                    throw new InvalidOperationException("the coordinator dies, as this test wants");
                }
            };
            await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.RunAsync(_dump.Plan(), directory));
        }

        // The worker goes on with what it has begun: its results have where to wait.
        Assert.True(await HasResultsQueueAsync(cluster));
        cluster.OnEvent = null;
        using var again = RunDirectory.Open(folder, resume: true);
        var result = Assert.IsType<RunOutcome.Completed>(await cluster.RunAsync(_dump.Plan(), again)).Result;
        Assert.Equal(await _dump.DigestAsync(), result.Digest);
        Assert.True(cluster.Events.OfType<RunEvent.RunResumed>().Single().ShardsDone >= 10);
    }

    [BrokerFact]
    public async Task A_run_that_nobody_can_continue_leaves_nothing_with_the_broker_when_it_dies()
    {
        await using var cluster = new Cluster(broker);
        cluster.StartWorker();
        cluster.OnEvent = e =>
        {
            if (e is RunEvent.ShardFinished)
            {
                throw new InvalidOperationException("the coordinator dies, as this test wants");
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.RunAsync(_dump.Plan()));
        Assert.False(await HasResultsQueueAsync(cluster));
        cluster.OnEvent = null;
    }

    [BrokerFact]
    public async Task A_shard_that_is_delivered_too_often_fails_the_run_naming_file_and_row_group()
    {
        await using var cluster = new Cluster(broker);
        var run = cluster.RunAsync(_dump.Plan(), with: o => o with { Coordinator = o.Coordinator with { MaxLosses = 3 } });
        await cluster.SeeAsync<RunEvent.BrokerConnected>();
        string queue = Topology.Shards((await cluster.SeeAsync<RunEvent.RunStarted>()).Run);

        // A worker that dies of its first shard, again and again.
        await using var connection = await BrokerConnection.OpenAsync(broker.Settings("worker"), "test", CancellationToken.None);
        var channel = await connection.OpenChannelAsync(CancellationToken.None);
        using var deadline = new CancellationTokenSource(Cluster.Deadline);
        while (!run.IsCompleted && !deadline.IsCancellationRequested)
        {
            try
            {
                if (await channel.BasicGetAsync(queue, autoAck: false, deadline.Token) is { } delivery)
                {
                    await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true, deadline.Token);
                }
            }
            catch (Exception) when (run.IsCompleted || connection.Lost.IsCompleted)
            {
                // The run is over, and with it its queue.
                break;
            }
        }

        var failed = Assert.IsType<RunOutcome.Failed>(await run);
        Assert.Contains(_dump.Path, failed.Message);
        Assert.Contains("row group 0", failed.Message);
        Assert.False(failed.BadInput);
    }

    [BrokerFact]
    public async Task A_coordinator_without_a_broker_gives_up_when_its_patience_ends()
    {
        await using var cluster = new Cluster(broker)
        {
            CoordinatorBroker = BrokerSettings.Read("amqp://127.0.0.1:1", null, null, null, _ => null),
        };
        var gone = await Assert.ThrowsAsync<BrokerException>(() => cluster.RunAsync(_dump.Plan()));
        Assert.Contains("connection refused", gone.Message);
        gone = await Assert.ThrowsAsync<BrokerException>(
            () => cluster.RunAsync(_dump.Plan(), with: o => o with { Patience = new Patience(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) }));
        Assert.EndsWith("(tried for 1 s)", gone.Message);
    }

    [BrokerFact]
    public async Task Messages_that_are_none_are_left_alone()
    {
        await using var cluster = new Cluster(broker);
        var run = cluster.RunAsync(_dump.Plan());
        string id = (await cluster.SeeAsync<RunEvent.RunStarted>()).Run;
        await cluster.SeeAsync<RunEvent.BrokerConnected>();
        await using (var connection = await BrokerConnection.OpenAsync(broker.Settings("coordinator"), "test", CancellationToken.None))
        {
            foreach (byte[] bytes in (byte[][])[[], [0], [0xff, 0xff, 0xff], [8, 9], new byte[100_000]])
            {
                await connection.Publishing.BasicPublishAsync(Topology.Direct, Topology.Results(id), mandatory: true, bytes);
                await connection.Publishing.BasicPublishAsync(Topology.Announcements, "", bytes);
            }
        }

        cluster.StartWorker();
        await cluster.SeeAsync<RunEvent.RunJoined>();
        Assert.Equal(await _dump.DigestAsync(), Assert.IsType<RunOutcome.Completed>(await run).Result.Digest);
        Assert.NotEmpty(cluster.Events.OfType<RunEvent.MessageRefused>());
    }

    private async Task<bool> HasResultsQueueAsync(Cluster cluster)
    {
        string run = cluster.Events.OfType<RunEvent.RunStarted>().First().Run;
        await using var connection = await BrokerConnection.OpenAsync(broker.Settings("coordinator"), "test", CancellationToken.None);
        try
        {
            await connection.Publishing.QueueDeclarePassiveAsync(Topology.Results(run));
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }
}
