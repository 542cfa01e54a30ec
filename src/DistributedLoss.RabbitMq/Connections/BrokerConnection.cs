using DistributedLoss.Runs;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>One connection, for as long as it lasts. What comes after it is another: nothing is recovered behind our back.</summary>
internal sealed class BrokerConnection : IAsyncDisposable
{
    // Longer than a queue is given to answer, so that it is known which one did not.
    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly IConnection _connection;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerConnection(IConnection connection, IChannel publishing, BrokerSettings settings)
    {
        _connection = connection;
        Publishing = publishing;
        Settings = settings;
        connection.ConnectionShutdownAsync += (_, e) =>
        {
            Lose(e);
            return Task.CompletedTask;
        };
        if (connection.CloseReason is { } reason)
        {
            Lose(reason);
        }

        EndWith(publishing);
    }

    public BrokerSettings Settings { get; }

    /// <summary>A channel on which a publication is done when the broker has it safe; for one user at a time.</summary>
    public IChannel Publishing { get; }

    /// <summary>Completes, with the reason, when the connection ends, whoever ends it.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>The broker's version; null where it does not tell.</summary>
    public string? BrokerVersion =>
        _connection.ServerProperties?.TryGetValue("version", out object? version) == true && version is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : null;

    /// <param name="name">Shown by the broker's own tools.</param>
    /// <exception cref="BrokerException">There is no broker, or it and we do not agree.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancel"/>.</exception>
    public static async Task<BrokerConnection> OpenAsync(BrokerSettings settings, string name, CancellationToken cancel)
    {
        HeartbeatGuard.Set();
        var certificates = settings.IsTls ? new BrokerCertificates(settings) : null;
        var factory = new ConnectionFactory
        {
            HostName = settings.Host,
            Port = settings.Port,
            VirtualHost = settings.VirtualHost,
            UserName = settings.User,
            Password = settings.Password,
            ClientProvidedName = name,
            // After a loss the queues, the deliveries and what was on its way are to be thought of anew: Reconnection does.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            // A peer is taken for dead after two intervals of silence.
            RequestedHeartbeat = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(settings.Liveness.TotalSeconds / 2))),
            RequestedConnectionTimeout = settings.ConnectTimeout,
            HandshakeContinuationTimeout = settings.ConnectTimeout,
            ContinuationTimeout = RpcTimeout,
            MaxInboundMessageBodySize = Topology.MaxMessageBytes,
        };
        factory.ClientProperties["product"] = "dloss";
        factory.ClientProperties["version"] = ProgramVersion.Current;
        if (certificates is not null)
        {
            factory.Ssl = certificates.ToOption();
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(settings.ConnectTimeout);
        IConnection? connection = null;
        try
        {
            connection = await factory.CreateConnectionAsync(timeout.Token).ConfigureAwait(false);
            // Only this tells whether the broker has the virtual host and lets us use it.
            var publishing = await connection
                .CreateChannelAsync(new CreateChannelOptions(true, true, outstandingPublisherConfirmationsRateLimiter: null), timeout.Token).ConfigureAwait(false);
            return new BrokerConnection(connection, publishing, settings);
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            cancel.ThrowIfCancellationRequested();
            throw BrokerFaults.OfConnecting(settings, e, certificates?.Refusal);
        }
    }

    /// <summary>For consuming, and for publications that may be lost. One that the broker closes takes the connection with it.</summary>
    public async Task<IChannel> OpenChannelAsync(CancellationToken cancel)
    {
        var channel = await _connection.CreateChannelAsync(cancellationToken: cancel).ConfigureAwait(false);
        EndWith(channel);
        return channel;
    }

    /// <summary>A channel whose end is its user's own affair.</summary>
    public Task<IChannel> OpenOwnChannelAsync(CancellationToken cancel) => _connection.CreateChannelAsync(cancellationToken: cancel);

    /// <summary>Takes the connection for lost: whoever waits for that disposes it.</summary>
    public void Abort(string reason) => _lost.TrySetResult(reason);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.CloseAsync(CloseTimeout).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is gone already, or the broker does not answer any more.
        }

        _lost.TrySetResult("closed");
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private void EndWith(IChannel channel) => channel.ChannelShutdownAsync += (_, e) =>
    {
        if (e.Initiator != ShutdownInitiator.Application)
        {
            Lose(e);
        }

        return Task.CompletedTask;
    };

    private void Lose(ShutdownEventArgs e) => _lost.TrySetResult(BrokerFaults.Text(e.Exception?.Message ?? e.ReplyText));
}
