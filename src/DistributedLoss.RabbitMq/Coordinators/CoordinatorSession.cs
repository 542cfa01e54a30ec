using System.Collections.Concurrent;
using System.Threading.Channels;
using DistributedLoss.RabbitMq.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace DistributedLoss.RabbitMq.Coordinators;

/// <summary>A run's queues over one connection of its coordinator.</summary>
internal sealed class CoordinatorSession : IAsyncDisposable
{
    /// <summary>Results that wait here unsettled: they bound the memory, and keep the network busy while one is settled.</summary>
    private const ushort ResultPrefetch = 32;

    // A busy broker answers in far less, and one that does not answer has a dead queue.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private const string DeliveryCount = "x-delivery-count";

    private readonly BrokerConnection _connection;
    private readonly ConcurrentDictionary<string, bool> _deadQueues;
    private readonly ChannelWriter<CoordinatorMail> _mailbox;
    private readonly string _run;
    private readonly IChannel _notices;
    private readonly IChannel _results;
    private readonly IChannel _shards;
    private volatile bool _isEnding;
    private long _backlog;

    // Of results; the mailbox's thread alone.
    private long _heard;

    private CoordinatorSession(
        BrokerConnection connection,
        ConcurrentDictionary<string, bool> deadQueues,
        ChannelWriter<CoordinatorMail> mailbox,
        string run,
        string name,
        Outbox outbox,
        IChannel notices,
        IChannel results,
        IChannel shards)
    {
        _deadQueues = deadQueues;
        (_connection, _mailbox, _run, Name, Outbox) = (connection, mailbox, run, name, outbox);
        (_notices, _results, _shards) = (notices, results, shards);
    }

    /// <summary>The coordinator's name for as long as the connection lasts.</summary>
    public string Name { get; }

    public Outbox Outbox { get; }

    public string? BrokerVersion => _connection.BrokerVersion;

    /// <summary>Whether the reports that lay in the results queue when the session began have been heard; they may be heard before the session is.</summary>
    public bool IsBacklogHeard => _heard >= _backlog;

    /// <summary>Declares the run's queues, takes the results, and posts what comes.</summary>
    /// <param name="deadQueues">Those that sessions before this one found dead; kept from one to the next.</param>
    public static async Task<CoordinatorSession> OpenAsync(
        BrokerConnection connection,
        ConcurrentDictionary<string, bool> deadQueues,
        ChannelWriter<CoordinatorMail> mailbox,
        string run,
        string name,
        RabbitMqEngineOptions options,
        CancellationToken cancel)
    {
        await BuryAsync(connection, deadQueues, cancel).ConfigureAwait(false);
        var outbox = Outbox.OpenAsync(connection, name, cancel);
        var channels = Enumerable.Range(0, 3).Select(_ => connection.OpenChannelAsync(cancel)).ToArray();
        await Task.WhenAll([outbox, .. channels]).ConfigureAwait(false);
        var session = new CoordinatorSession(
            connection, deadQueues, mailbox, run, name, await outbox.ConfigureAwait(false), await channels[0].ConfigureAwait(false), await channels[1].ConfigureAwait(false), await channels[2].ConfigureAwait(false));
        // Each on a channel of its own: a quorum queue takes the broker some time to make.
        await Task.WhenAll(
            session.BeginNoticesAsync(cancel),
            session.AskAsync(Topology.Results(run), c => session.BeginResultsAsync(options.QueueLifetime, c), cancel),
            session.AskAsync(Topology.Dead(run), c => session.BeginShardsAsync(options, c), cancel)).ConfigureAwait(false);
        return session;
    }

    /// <summary>One of the results queue's frames is heard.</summary>
    public void CountHeard() => _heard++;

    /// <summary>For any thread.</summary>
    public void Acknowledge(CoordinatorMail.Result result) => Outbox.Acknowledge(_results, result.Tag);

    public void Acknowledge(CoordinatorMail.Dead dead) => Outbox.Acknowledge(_shards, dead.Tag);

    /// <summary>The session is of no more use: another takes its place.</summary>
    public void Abort(Exception cause) => _connection.Abort(BrokerFaults.Text(cause.Message));

    /// <summary>Takes back what is in the queue, and with no worker.</summary>
    public Task PurgeShardsAsync(CancellationToken cancel)
    {
        string queue = Topology.Shards(_run);
        return AskAsync(queue, c => _shards.QueuePurgeAsync(queue, c), cancel);
    }

    /// <summary>Shards in the queue, and with no worker.</summary>
    public async Task<uint> CountShardsAsync(CancellationToken cancel)
    {
        string queue = Topology.Shards(_run);
        uint count = 0;
        await AskAsync(queue, async c => count = await _notices.MessageCountAsync(queue, c).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return count;
    }

    /// <summary>Leaves nothing of the run behind. Not vital: queues that nobody uses expire.</summary>
    public async Task DeleteQueuesAsync(CancellationToken cancel)
    {
        _isEnding = true;
        await Outbox.FlushAsync().WaitAsync(cancel).ConfigureAwait(false);
        await Task.WhenAll(
            _shards.QueueDeleteAsync(Topology.Shards(_run), false, false, false, cancel),
            _results.QueueDeleteAsync(Topology.Results(_run), false, false, false, cancel),
            _notices.QueueDeleteAsync(Topology.Dead(_run), false, false, false, cancel)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => Outbox.DisposeAsync();

    /// <summary>
    /// Asks a queue for something. A queue of RabbitMQ 3.10 that was made within half a second before its broker was killed never answers again: it is noted as
    /// dead, and the next session makes it anew. What was in it is in the ledger, or offered again.
    /// </summary>
    private async Task AskAsync(string queue, Func<CancellationToken, Task> ask, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerLimit);
        try
        {
            await ask(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when ((e is OperationCanceledException && !cancel.IsCancellationRequested) || BrokerFaults.IsInternal(e))
        {
            _deadQueues.TryAdd(queue, true);
            string reason = $"its queue {queue} does not answer, and is made anew";
            _connection.Abort(reason);
            throw new TimeoutException(reason, e);
        }
    }

    private static async Task BuryAsync(BrokerConnection connection, ConcurrentDictionary<string, bool> deadQueues, CancellationToken cancel)
    {
        foreach (string queue in deadQueues.Keys)
        {
            // The broker asks it first, for some seconds.
            var channel = await connection.OpenOwnChannelAsync(cancel).ConfigureAwait(false);
            await channel.QueueDeleteAsync(queue, false, false, false, cancel).ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
            deadQueues.TryRemove(queue, out _);
        }
    }

    private async Task BeginNoticesAsync(CancellationToken cancel)
    {
        string inbox = Topology.Inbox(Name);
        await Topology.DeclareAnnouncementsAsync(_notices, cancel).ConfigureAwait(false);
        await Topology.DeclareOwnAsync(_notices, inbox, cancel).ConfigureAwait(false);
        await ConsumeAsync(_notices, inbox, true, e => new CoordinatorMail.Notice(Sender(e), e.Body.ToArray()), cancel).ConfigureAwait(false);
    }

    private async Task BeginResultsAsync(TimeSpan lifetime, CancellationToken cancel)
    {
        string queue = Topology.Results(_run);
        _backlog = (await Topology.DeclareQuorumAsync(_results, queue, lifetime, null, cancel).ConfigureAwait(false)).MessageCount;
        await _results.BasicQosAsync(0, ResultPrefetch, false, cancel).ConfigureAwait(false);
        await ConsumeAsync(_results, queue, false, e => new CoordinatorMail.Result(this, e.DeliveryTag, Sender(e), e.Body.ToArray()), cancel).ConfigureAwait(false);
    }

    private async Task BeginShardsAsync(RabbitMqEngineOptions options, CancellationToken cancel)
    {
        string dead = Topology.Dead(_run);
        await Topology.DeclareQuorumAsync(_shards, dead, options.QueueLifetime, null, cancel).ConfigureAwait(false);
        await Topology.DeclareQuorumAsync(
            _shards, Topology.Shards(_run), options.QueueLifetime, (dead, options.Coordinator.MaxLosses), cancel).ConfigureAwait(false);
        int limit = options.Coordinator.MaxLosses;
        await ConsumeAsync(_shards, dead, false, e => new CoordinatorMail.Dead(this, e.DeliveryTag, e.Body.ToArray(), Deliveries(e) ?? limit + 1), cancel).ConfigureAwait(false);
    }

    private async Task ConsumeAsync(
        IChannel channel, string queue, bool isLossy, Func<BasicDeliverEventArgs, CoordinatorMail> toMail, CancellationToken cancel)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) =>
        {
            _mailbox.TryWrite(toMail(e));
            return Task.CompletedTask;
        };
        // The broker cancels who consumes from a queue that somebody deletes: to begin anew makes it again.
        consumer.UnregisteredAsync += (_, _) =>
        {
            // The event is also that of a channel that ends.
            if (!_isEnding && consumer.ShutdownReason is null)
            {
                _connection.Abort($"the broker's queue {queue} is gone");
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, isLossy, consumer, cancel).ConfigureAwait(false);
    }

    private static string Sender(BasicDeliverEventArgs e) => e.BasicProperties.AppId ?? "";

    private static long? Deliveries(BasicDeliverEventArgs e) =>
        e.BasicProperties.Headers?.TryGetValue(DeliveryCount, out object? count) == true && count is long or int or uint or short or byte ? Convert.ToInt64(count) : null;
}
