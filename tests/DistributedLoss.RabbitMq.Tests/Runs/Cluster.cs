using System.Collections.Concurrent;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq.Tests.Runs;

/// <summary>Coordinators and workers of one test, in this process, over a real broker.</summary>
internal sealed class Cluster(Broker broker) : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly List<Member> _workers = [];

    /// <summary>What all of them told.</summary>
    public ConcurrentQueue<RunEvent> Events { get; } = [];

    /// <summary>Called for every event, on the thread of whom it is of.</summary>
    public Action<RunEvent>? OnEvent { get; set; }

    public BrokerSettings CoordinatorBroker { get; init; } = broker.Settings("coordinator");

    public Member StartWorker(int slots = 1, Func<RabbitMqWorkerOptions, RabbitMqWorkerOptions>? with = null)
    {
        var options = new RabbitMqWorkerOptions { Broker = broker.Settings("worker"), Slots = slots };
        var member = new Member(stop => new RabbitMqWorker(with?.Invoke(options) ?? options).RunAsync(Hear, stop));
        _workers.Add(member);
        return member;
    }

    public async Task<RunOutcome> RunAsync(RunPlan plan, RunDirectory? directory = null, Func<RabbitMqEngineOptions, RabbitMqEngineOptions>? with = null, CancellationToken cancel = default)
    {
        var options = new RabbitMqEngineOptions { Broker = CoordinatorBroker, RunDirectory = directory };
        await using var engine = new RabbitMqEngine(with?.Invoke(options) ?? options);
        var run = engine.RunAsync(plan, Hear, null, cancel);
        return await Task.WhenAny(run, Task.Delay(Deadline, CancellationToken.None)) == run
            ? await run
            : throw new TimeoutException($"the run does not end; its last events: {string.Join(Environment.NewLine, Events.TakeLast(40))}");
    }

    /// <summary>Waits for an event that has come, or comes.</summary>
    public async Task<T> SeeAsync<T>(Func<T, bool>? isIt = null)
        where T : RunEvent
    {
        var seen = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = OnEvent;
        OnEvent = e =>
        {
            before?.Invoke(e);
            if (e is T wanted && isIt?.Invoke(wanted) != false)
            {
                seen.TrySetResult(wanted);
            }
        };
        foreach (var e in Events.OfType<T>().Where(e => isIt?.Invoke(e) != false))
        {
            seen.TrySetResult(e);
        }

        return await seen.Task.WaitAsync(Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
    }

    private void Hear(RunEvent e)
    {
        Events.Enqueue(e);
        OnEvent?.Invoke(e);
    }

    /// <summary>One worker process, as a task.</summary>
    internal sealed class Member : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Member(Func<CancellationToken, Task> run) => Completion = Task.Run(() => run(_stop.Token));

        public Task Completion { get; }

        /// <summary>As SIGTERM does.</summary>
        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Completion.WaitAsync(Deadline);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }
    }
}
