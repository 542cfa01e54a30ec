using System.Diagnostics;
using RabbitMQ.Client.Exceptions;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>Connections to the broker, one after another: the first, and the one after each loss, are made and used in the same way.</summary>
/// <param name="name">Shown by the broker's own tools.</param>
/// <param name="onAway">Told of each loss and failed attempt: why, and the time until the next attempt.</param>
internal sealed class BrokerLink(BrokerSettings settings, string name, Patience patience, Action<string, TimeSpan> onAway)
{
    // A connection was used until it was lost: what the broker refuses from then on, it refuses because it restarts.
    private bool _wasUsed;

    /// <param name="first">A connection under way already; null for none.</param>
    /// <param name="useAsync">Prepares a connection, and returns when it is lost or <paramref name="stop"/> asks to.</param>
    /// <exception cref="BrokerException">The broker refuses us, or was away for too long.</exception>
    public async Task RunAsync(Task<BrokerConnection>? first, Func<BrokerConnection, CancellationToken, Task> useAsync, CancellationToken stop)
    {
        long away = Stopwatch.GetTimestamp();
        int attempts = 0;
        while (!stop.IsCancellationRequested)
        {
            BrokerException fault;
            try
            {
                await using var connection = await (first ?? BrokerConnection.OpenAsync(settings, name, stop)).ConfigureAwait(false);
                await UseAsync(connection, useAsync, stop).ConfigureAwait(false);
                if (stop.IsCancellationRequested)
                {
                    return;
                }

                (attempts, away) = (0, Stopwatch.GetTimestamp());
                fault = new BrokerException(await connection.Lost.ConfigureAwait(false), isLasting: false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (BrokerException e)
            {
                fault = e;
                var limit = _wasUsed ? patience.Later : patience.First;
                if (e.IsLasting && !_wasUsed)
                {
                    throw;
                }

                if (Stopwatch.GetElapsedTime(away) >= limit)
                {
                    throw limit == TimeSpan.Zero ? e : new BrokerException($"{e.Message} (tried for {limit.Value.TotalSeconds:0} s)", e.IsLasting, e);
                }
            }

            first = null;
            var pause = Patience.Pause(++attempts, Random.Shared);
            onAway(fault.Message, pause);
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task UseAsync(BrokerConnection connection, Func<BrokerConnection, CancellationToken, Task> useAsync, CancellationToken stop)
    {
        try
        {
            await useAsync(connection, stop).ConfigureAwait(false);
            _wasUsed = true;
        }
        catch (Exception e) when (BrokerFaults.OfOperation(settings, e) is { } refused)
        {
            throw refused;
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException
            || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // The broker went while the connection was prepared.
            throw new BrokerException($"{settings}: {BrokerFaults.Text(e.Message)}", isLasting: false, e);
        }
    }
}
