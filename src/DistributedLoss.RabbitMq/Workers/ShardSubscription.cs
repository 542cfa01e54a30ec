using System.Threading.Channels;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Wire;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace DistributedLoss.RabbitMq.Workers;

/// <summary>A run's shards, as one connection brings them.</summary>
internal sealed class ShardSubscription
{
    private readonly IChannel _channel;
    private string _tag = "";

    private ShardSubscription(WorkerSession session, IChannel channel) => (Session, _channel) = (session, channel);

    public WorkerSession Session { get; }

    /// <param name="prefetch">Deliveries that may be held unacknowledged.</param>
    /// <returns>Null where the run has no queue.</returns>
    public static async Task<ShardSubscription?> OpenAsync(
        WorkerSession session, BrokerConnection connection, ChannelWriter<WorkerMail> mailbox, WorkerRun run, ushort prefetch, CancellationToken cancel)
    {
        var channel = await connection.OpenOwnChannelAsync(cancel).ConfigureAwait(false);
        var subscription = new ShardSubscription(session, channel);
        try
        {
            await channel.BasicQosAsync(0, prefetch, false, cancel).ConfigureAwait(false);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, e) =>
            {
                subscription.Receive(e, mailbox, run);
                return Task.CompletedTask;
            };
            consumer.UnregisteredAsync += (_, _) =>
            {
                // Also told of every consumer of a channel that ends.
                if (consumer.ShutdownReason is null)
                {
                    mailbox.TryWrite(new WorkerMail.Unsubscribed(run, subscription));
                }

                return Task.CompletedTask;
            };
            subscription._tag = await channel.BasicConsumeAsync(Topology.Shards(run.Id), autoAck: false, consumer, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (BrokerFaults.IsNotFound(e))
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            return null;
        }

        // From here on the broker closes the channel for one reason alone: a shard took longer than it allows.
        channel.ChannelShutdownAsync += (_, e) =>
        {
            if (e.Initiator != ShutdownInitiator.Application)
            {
                connection.Abort(BrokerFaults.Text(e.ReplyText));
            }

            return Task.CompletedTask;
        };
        return subscription;
    }

    /// <summary>Takes no more; what was delivered stays ours until it is acknowledged or returned.</summary>
    public void Cancel() => Session.Outbox.Cancel(_channel, _tag);

    public void Acknowledge(ShardDelivery delivery) => Session.Outbox.Acknowledge(_channel, delivery.Tag);

    public void Return(ShardDelivery delivery) => Session.Outbox.Return(_channel, delivery.Tag);

    private void Receive(BasicDeliverEventArgs e, ChannelWriter<WorkerMail> mailbox, WorkerRun run)
    {
        try
        {
            mailbox.TryWrite(new WorkerMail.Delivered(run, new ShardDelivery(this, e.DeliveryTag, WireShards.ReadAssignment(e.Body.Span))));
        }
        catch (WireException fault)
        {
            // Who understands it no better than we gives it back as well, until the broker gives it up, and the coordinator hears of it.
            Session.Outbox.Return(_channel, e.DeliveryTag);
            mailbox.TryWrite(new WorkerMail.Event(new Coordination.RunEvent.MessageRefused($"run {run.Id}", fault.Message)));
        }
    }
}
