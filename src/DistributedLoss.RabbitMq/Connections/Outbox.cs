using System.Threading.Channels;
using DistributedLoss.Wire;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>Whatever one connection writes, in the order in which it is asked for; nobody who asks waits for the network. What cannot be written ends the connection.</summary>
internal sealed class Outbox : IAsyncDisposable
{
    /// <summary>Confirmations that may be outstanding; the broker's round trip is far below the time that it takes to publish so many.</summary>
    private const int MaxUnconfirmed = 256;

    private readonly BrokerConnection _connection;
    private readonly IChannel _notices;
    private readonly string _sender;
    private readonly SemaphoreSlim _unconfirmed = new(MaxUnconfirmed);
    private readonly Channel<Func<ValueTask>> _work = Channel.CreateUnbounded<Func<ValueTask>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _pump;
    private ulong _messages;

    private Outbox(BrokerConnection connection, IChannel notices, string sender)
    {
        (_connection, _notices, _sender) = (connection, notices, sender);
        _pump = Task.Run(PumpAsync);
    }

    /// <param name="sender">Unique; receivers put together by it what was cut.</param>
    public static async Task<Outbox> OpenAsync(BrokerConnection connection, string sender, CancellationToken cancel) =>
        new(connection, await connection.OpenChannelAsync(cancel).ConfigureAwait(false), sender);

    /// <summary>May be lost.</summary>
    public void Notify(string exchange, string key, ReadOnlyMemory<byte> message) =>
        Do(() => _notices.BasicPublishAsync(exchange, key, mandatory: false, new BasicProperties { AppId = _sender }, message));

    /// <summary>May be lost, and is cut into frames where it is long.</summary>
    public void NotifyInFrames(string key, ReadOnlyMemory<byte> message)
    {
        foreach (byte[] frame in WireChunks.Cut(message, Interlocked.Increment(ref _messages), Topology.FrameBytes))
        {
            Notify(Topology.Direct, key, frame);
        }
    }

    /// <summary>Into a queue, to be kept there over the broker's restarts.</summary>
    /// <returns>Done when the broker has it safe; false when there is no such queue any more. Not done while the connection is lost before that.</returns>
    public Task<bool> StoreAsync(string queue, ReadOnlyMemory<byte> message)
    {
        var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(async () =>
        {
            await _unconfirmed.WaitAsync().ConfigureAwait(false);
            _ = ConfirmAsync(_connection.Publishing.BasicPublishAsync(
                Topology.Direct, queue, mandatory: true, new BasicProperties { AppId = _sender, Persistent = true }, message), stored);
        });
        return stored.Task;
    }

    /// <summary>As <see cref="StoreAsync"/>, cut into frames where it is long.</summary>
    public async Task<bool> StoreInFramesAsync(string queue, ReadOnlyMemory<byte> message)
    {
        var frames = WireChunks.Cut(message, Interlocked.Increment(ref _messages), Topology.FrameBytes).Select(f => StoreAsync(queue, f)).ToArray();
        return (await Task.WhenAll(frames).ConfigureAwait(false)).All(stored => stored);
    }

    /// <summary>On a channel of this connection.</summary>
    public void Acknowledge(IChannel channel, ulong tag) => Do(() => channel.BasicAckAsync(tag, multiple: false));

    /// <summary>Ends a consumer.</summary>
    public void Cancel(IChannel channel, string consumer) => Do(() => new ValueTask(channel.BasicCancelAsync(consumer, noWait: true)));

    /// <summary>Gives a delivery back to its queue.</summary>
    public void Return(IChannel channel, ulong tag) => Do(() => channel.BasicNackAsync(tag, multiple: false, requeue: true));

    /// <summary>Done when all that was asked for before is written.</summary>
    public Task FlushAsync()
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(() =>
        {
            flushed.SetResult();
            return ValueTask.CompletedTask;
        });
        return Task.WhenAny(flushed.Task, _pump);
    }

    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _pump.ConfigureAwait(false);
    }

    private void Do(Func<ValueTask> work) => _work.Writer.TryWrite(work);

    private async Task PumpAsync()
    {
        try
        {
            await foreach (var work in _work.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                if (_connection.Lost.IsCompleted)
                {
                    return;
                }

                await work().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _connection.Abort(BrokerFaults.Text(e.Message));
        }
        finally
        {
            _work.Writer.TryComplete();
        }
    }

    private async Task ConfirmAsync(ValueTask publication, TaskCompletionSource<bool> stored)
    {
        try
        {
            await publication.ConfigureAwait(false);
            stored.SetResult(true);
        }
        catch (PublishException e) when (e.IsReturn)
        {
            stored.SetResult(false);
        }
        catch (Exception e)
        {
            _connection.Abort(BrokerFaults.Text(e.Message));
        }
        finally
        {
            _unconfirmed.Release();
        }
    }
}
