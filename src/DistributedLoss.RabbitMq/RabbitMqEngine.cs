using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.RabbitMq.Coordinators;
using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq;

/// <summary>Runs a plan on whatever workers listen to a RabbitMQ broker: this process coordinates, and evaluates nothing itself.</summary>
public sealed class RabbitMqEngine(RabbitMqEngineOptions options) : IEngine, IAsyncDisposable
{
    public const string EngineName = "rabbitmq";

    private readonly CancellationTokenSource _end = new();
    private Task<BrokerConnection>? _connecting;
    private CoordinatorShell? _shell;

    public string Name => EngineName;

    /// <summary>Connects beside whatever the caller does until the run begins. What comes of it the run tells.</summary>
    public void BeginConnecting() => _connecting ??= Task.Run(() => BrokerConnection.OpenAsync(options.Broker, EngineName, _end.Token));

    /// <exception cref="BrokerException">The broker refuses us, or was away for too long; the run directory keeps what is done.</exception>
    public async Task<RunOutcome> RunAsync(
        RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        BeginConnecting();
        var run = new EngineRun(plan, Name, 0, options.Coordinator with { IsBrokered = true }, options.RunDirectory, onEvent);
        _shell = new CoordinatorShell(run, plan, options, onEvent, progress);
        var connecting = _connecting;
        _connecting = null;
        var last = await _shell.RunAsync(connecting, cancel).ConfigureAwait(false);
        return run.End(last, _shell.Workers);
    }

    /// <summary>Leaves nothing behind: neither the run's queues, nor a connection that no run took.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync().ConfigureAwait(false);
        }

        await _end.CancelAsync().ConfigureAwait(false);
        if (_connecting is { } unused)
        {
            try
            {
                await (await unused.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is BrokerException or OperationCanceledException or Evaluation.BadOptionException)
            {
                // Nobody asked.
            }
        }

        _end.Dispose();
    }
}
