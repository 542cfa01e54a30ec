using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.RabbitMq.Workers;

namespace DistributedLoss.RabbitMq;

/// <summary>A process that evaluates shards of whatever runs it hears of from a RabbitMQ broker.</summary>
public sealed class RabbitMqWorker(RabbitMqWorkerOptions options)
{
    /// <summary>Works until it is asked to stop.</summary>
    /// <param name="onEvent">Called by one thread at a time; what it throws ends the worker.</param>
    /// <param name="stop">Asks to finish what is under way, or to hand it back, and to leave.</param>
    /// <exception cref="BrokerException">The broker refuses us, or was away for longer than the patience lasts.</exception>
    public Task RunAsync(Action<RunEvent> onEvent, CancellationToken stop) => new WorkerShell(options, onEvent).RunAsync(stop);
}
