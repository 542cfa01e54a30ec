using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests.Runs;

/// <summary>The broker goes in mid-run, and comes back. Each shard counts once.</summary>
public sealed class RestartTests(Broker broker) : IClassFixture<Broker>, IDisposable
{
    private readonly Dump _dump = new();

    public void Dispose() => _dump.Dispose();

    [BrokerFact]
    public Task A_broker_that_is_restarted_costs_time_alone() => RestartAsync(broker.StopAsync);

    /// <summary>RabbitMQ 3.10 forgets half of a queue that was made within half a second before: what is left of it must not stop the run.</summary>
    [BrokerFact]
    public Task A_broker_that_is_killed_as_soon_as_the_queues_are_made_costs_time_alone() => RestartAsync(broker.KillAsync);

    private async Task RestartAsync(Func<Task> endAsync)
    {
        await using var cluster = new Cluster(broker);
        var gone = new TaskCompletionSource();
        // The run is held in its first shard until the broker is gone.
        cluster.OnEvent = e =>
        {
            if (e is RunEvent.ShardFinished)
            {
                gone.Task.Wait(Cluster.Deadline);
            }
        };
        cluster.StartWorker();
        var run = cluster.RunAsync(_dump.Plan(), with: options => options with { Patience = new Patience(TimeSpan.Zero, Cluster.Deadline) });
        await cluster.SeeAsync<RunEvent.ShardTaken>();
        await endAsync();
        gone.SetResult();
        await cluster.SeeAsync<RunEvent.BrokerAway>();
        await broker.StartAgainAsync();
        Assert.Equal(await _dump.DigestAsync(), Assert.IsType<RunOutcome.Completed>(await run).Result.Digest);
        Assert.Equal(40, cluster.Events.OfType<RunEvent.ShardFinished>().Count());
    }
}
