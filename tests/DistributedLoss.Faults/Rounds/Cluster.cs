using DistributedLoss.Faults.Processes;

namespace DistributedLoss.Faults.Rounds;

/// <summary>A broker, and three workers of one slot each. Whatever was started dies with it.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const int Workers = 3;

    /// <summary>A slow kernel, so that a run lasts longer than a fault; no bit depends on it.</summary>
    public static readonly KeyValuePair<string, string> Kernel = new("DLOSS_KERNEL", "scalar");

    private static readonly TimeSpan WorkerDeadline = TimeSpan.FromMinutes(1);

    /// <summary>The least that the broker takes: heartbeats are of whole seconds, and two must be missing.</summary>
    private static readonly string[] Liveness = ["--liveness", "2"];

    private static readonly string[] WorkerArguments = ["worker", "--engine", "rabbitmq", "--slots", "1", "--log-format", "json", .. Liveness];

    private readonly WorkerSlot[] _slots = [.. Enumerable.Range(0, Workers).Select(i => new WorkerSlot(i))];

    private Cluster(Broker broker, NetworkLink? link) => (Broker, Link) = (broker, link);

    public Broker Broker { get; }

    /// <summary>Between the broker and the last of the workers; null where that one is as the others.</summary>
    public NetworkLink? Link { get; }

    public IReadOnlyList<WorkerSlot> Slots => _slots;

    public static async Task<Cluster> StartAsync(bool isLinked)
    {
        var link = isLinked ? await NetworkLink.CreateAsync() : null;
        try
        {
            return new Cluster(await Broker.StartAsync(link), link);
        }
        catch
        {
            await (link?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    public void StartWorkers()
    {
        foreach (var slot in _slots)
        {
            slot.Process = StartWorker(slot.Number);
        }
    }

    /// <summary>Kills the worker, and starts another in its place.</summary>
    public async Task ReplaceAsync(WorkerSlot slot)
    {
        var killed = slot.Process!;
        slot.Process = StartWorker(slot.Number);
        killed.Send(Signal.Kill);
        await killed.DisposeAsync();
    }

    /// <summary>By SIGTERM, as a supervisor does.</summary>
    public async Task<IReadOnlyList<Outcome>> StopWorkersAsync()
    {
        var processes = _slots.Select(s => s.Process!).ToArray();
        foreach (var process in processes)
        {
            process.Send(Signal.Terminate);
        }

        var outcomes = await Task.WhenAll(processes.Select(p => p.EndAsync(WorkerDeadline)));
        await KillWorkersAsync();
        return outcomes;
    }

    public async Task KillWorkersAsync()
    {
        foreach (var slot in _slots)
        {
            await (slot.Process?.DisposeAsync() ?? ValueTask.CompletedTask);
            slot.Process = null;
        }
    }

    public DlossProcess StartCoordinator(Dump dump, string runDirectory, Action<string>? onLine = null, params string[] options)
    {
        string[] arguments = ["evaluate", .. dump.Arguments, "--engine", "rabbitmq", "--run-dir", runDirectory, "--resume", .. Liveness, .. options];
        return DlossProcess.Start(arguments, Environment("coordinator"), onLine: onLine);
    }

    public async ValueTask DisposeAsync()
    {
        await KillWorkersAsync();
        await Broker.DisposeAsync();
        await (Link?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>One that is in no slot: the caller's.</summary>
    /// <param name="through">As in <see cref="DlossProcess.Start"/>.</param>
    /// <param name="assembly">As in <see cref="DlossProcess.Start"/>.</param>
    /// <param name="onLine">As in <see cref="DlossProcess.Start"/>.</param>
    public DlossProcess StartWorker(string[]? through = null, string? assembly = null, Action<string>? onLine = null) =>
        DlossProcess.Start(WorkerArguments, Environment("worker"), through, assembly, onLine);

    /// <summary>Of a process on this cluster.</summary>
    /// <param name="role">coordinator or worker.</param>
    public Dictionary<string, string> Environment(string role, bool isLinked = false) => new(Broker.Environment(role, isLinked)) { [Kernel.Key] = Kernel.Value };

    private DlossProcess StartWorker(int number) =>
        Link is not null && number == FaultSchedule.LinkedWorker
            ? DlossProcess.Start(WorkerArguments, Environment("worker", isLinked: true), Link.Through)
            : StartWorker();
}

/// <summary>A place for a worker: processes come and go there.</summary>
internal sealed class WorkerSlot(int number)
{
    public int Number { get; } = number;

    public DlossProcess? Process { get; set; }

    /// <summary>Under a fault that is to be undone: no other is to hit it.</summary>
    public bool IsHeld { get; set; }
}
