using System.Threading.Channels;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Wire;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace DistributedLoss.RabbitMq.Workers;

/// <summary>What a worker process has of the broker over one connection: a queue of its own, and the shards of the runs that it joins.</summary>
internal sealed class WorkerSession : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly BrokerConnection _connection;

    private WorkerSession(BrokerConnection connection, string process, Outbox outbox) => (_connection, Process, Outbox) = (connection, process, outbox);

    /// <summary>The process's name for as long as the connection lasts.</summary>
    public string Process { get; }

    public Outbox Outbox { get; }

    public string? BrokerVersion => _connection.BrokerVersion;

    public bool IsLost => _connection.Lost.IsCompleted;

    public static async Task<WorkerSession> OpenAsync(BrokerConnection connection, ChannelWriter<WorkerMail> mailbox, string process, CancellationToken cancel)
    {
        var session = new WorkerSession(connection, process, await Outbox.OpenAsync(connection, process, cancel).ConfigureAwait(false));
        var channel = await connection.OpenChannelAsync(cancel).ConfigureAwait(false);
        string queue = Topology.Commands(process);
        await Topology.DeclareAnnouncementsAsync(channel, cancel).ConfigureAwait(false);
        await Topology.DeclareOwnAsync(channel, queue, cancel).ConfigureAwait(false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) =>
        {
            mailbox.TryWrite(new WorkerMail.Message(session, e.Exchange == Topology.Announcements, e.BasicProperties.AppId ?? "", e.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancel).ConfigureAwait(false);
        // Last: what is announced from here on arrives.
        await channel.QueueBindAsync(queue, Topology.Announcements, "", cancellationToken: cancel).ConfigureAwait(false);
        return session;
    }

    public async Task<ShardSubscription?> SubscribeAsync(WorkerRun run, ChannelWriter<WorkerMail> mailbox, ushort prefetch)
    {
        // A queue that died with its broker does not answer; its coordinator makes it anew.
        using var limit = new CancellationTokenSource(AnswerLimit);
        return await ShardSubscription.OpenAsync(this, _connection, mailbox, run, prefetch, limit.Token).ConfigureAwait(false);
    }

    /// <summary>To a run's coordinator; may be lost.</summary>
    public void Notify(string coordinator, WorkerReport report) => Outbox.Notify(Topology.Direct, Topology.Inbox(coordinator), WireReports.Write(report));

    public void Abort(string reason) => _connection.Abort(reason);

    public ValueTask DisposeAsync() => Outbox.DisposeAsync();
}
