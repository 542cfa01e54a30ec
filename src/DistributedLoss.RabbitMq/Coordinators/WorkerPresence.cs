namespace DistributedLoss.RabbitMq.Coordinators;

/// <summary>Which workers have been heard of, and when. A process speaks for all its slots.</summary>
internal sealed class WorkerPresence
{
    private readonly Dictionary<string, Process> _processes = [];
    private readonly HashSet<string> _took = [];

    /// <summary>Slots that took part in the run, so far.</summary>
    public int Took => _took.Count;

    public void Hear(string worker, TimeSpan now)
    {
        string name = Topology.Process(worker);
        if (!_processes.TryGetValue(name, out var process))
        {
            _processes[name] = process = new Process();
        }

        process.Heard = now;
    }

    /// <summary>The worker takes part, from now on.</summary>
    public void Join(string worker, TimeSpan now)
    {
        Hear(worker, now);
        _processes[Topology.Process(worker)].Slots.Add(worker);
        _took.Add(worker);
    }

    /// <returns>Whether it took part.</returns>
    public bool Leave(string worker) =>
        _processes.TryGetValue(Topology.Process(worker), out var process) && process.Slots.Remove(worker);

    /// <summary>While nobody could be heard, nobody was silent.</summary>
    public void Reset(TimeSpan now)
    {
        foreach (var process in _processes.Values)
        {
            process.Heard = now;
        }
    }

    /// <summary>Forgets the processes that have been silent for longer than that, and names them and their slots.</summary>
    public IReadOnlyList<(string Process, IReadOnlyList<string> Slots)> TakeSilent(TimeSpan limit, TimeSpan now)
    {
        var silent = _processes.Where(p => now - p.Value.Heard > limit).ToArray();
        foreach (var (name, _) in silent)
        {
            _processes.Remove(name);
        }

        return [.. silent.Select(p => (p.Key, (IReadOnlyList<string>)[.. p.Value.Slots]))];
    }

    private sealed class Process
    {
        public TimeSpan Heard { get; set; }

        public SortedSet<string> Slots { get; } = new(StringComparer.Ordinal);
    }
}
