using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

/// <summary>
/// One seed is one schedule of workers that join, leave, crash, dawdle and fail, over a network that loses, copies, delays and reorders what they and
/// the coordinator say. The first worker stays, and every worker asks again until it is answered; so the run must end.
/// </summary>
internal sealed class Schedule
{
    private const int MaxWorkers = 9;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(2);

    private readonly Random _random;
    private readonly Coordinator _coordinator;
    private readonly ShardResult[] _results;
    private readonly HashSet<int> _badShards;
    private readonly int[] _failuresLeft;
    private readonly double _faultRate;
    private readonly PriorityQueue<Action, (TimeSpan, int)> _events = new();
    private readonly List<Worker> _workers = [];
    private readonly List<(TimeSpan Time, string What, object Message)> _trace = [];

    // What the coordinator must take for granted, told by its inputs and outputs alone.
    private readonly HashSet<string> _left = [];
    private readonly Dictionary<string, Output.Assign> _held = [];
    private readonly HashSet<int> _journal = [];
    private TimeSpan _now;
    private int _order;

    public Schedule(int seed, RunPlan plan, ShardResult[] results, params int[] badShards)
    {
        _random = new Random(seed);
        _results = results;
        _badShards = [.. badShards];
        _faultRate = _random.Next(4) * 0.08;
        var options = new CoordinatorOptions();
        _failuresLeft = [.. plan.Shards.Select(_ => options.MaxFailures - 1)];
        Ledger = new RunLedger(plan.Shards.Count, plan.NewTotals);
        _coordinator = new Coordinator(plan, Ledger, options);
    }

    public RunLedger Ledger { get; }

    /// <summary>Completed or Failed.</summary>
    public Output? End { get; private set; }

    public string Trace => string.Join('\n', _trace.Select(t => $"{t.Time} {t.What} {t.Message}"));

    public void Run()
    {
        Hire(slow: false);
        for (int i = _random.Next(4); i > 0; i--)
        {
            At(Delay(5000), () => Hire(slow: _random.Next(4) == 0));
        }

        At(TickInterval, Tick);
        while (_events.TryDequeue(out var action, out var at))
        {
            _now = at.Item1;
            Check(_now < Deadline, "the run does not end");
            action();
        }

        Check(End is not null, "nobody has anything to say, but the run is not over");
        Check(_journal.Count == Ledger.Settled, "the journal and the ledger differ");
    }

    private void Tick()
    {
        Handle(new Input.Tick());
        if (End is null)
        {
            At(TickInterval, Tick);
        }
    }

    private void Hire(bool slow)
    {
        if (End is not null || _workers.Count >= MaxWorkers)
        {
            return;
        }

        var worker = new Worker($"w{_workers.Count}", IsFirst: _workers.Count == 0, slow);
        _workers.Add(worker);
        ToCoordinator(new Input.WorkerJoined(worker.Name));
        Ask(worker);
    }

    // Asks until it has something to do.
    private void Ask(Worker worker)
    {
        long number = ++worker.Request;
        ToCoordinator(new Input.WorkRequested(worker.Name, number));
        At(TimeSpan.FromSeconds(1), () =>
        {
            if (worker.IsAlive && worker.Work is null && worker.Request == number)
            {
                Ask(worker);
            }
        });
    }

    private void Begin(Worker worker, Output.Assign assign)
    {
        if (!worker.IsAlive || worker.Work is not null || assign.Request != worker.Request)
        {
            return;
        }

        worker.Work = assign;
        At(Delay(worker.IsSlow ? 20_000 : 400), () =>
        {
            if (worker.IsAlive && worker.Work == assign)
            {
                Finish(worker, assign);
            }
        });
    }

    private void Finish(Worker worker, Output.Assign work)
    {
        if (!worker.IsFirst && _random.NextDouble() < _faultRate)
        {
            // Crashes; or is only thought to have, works on, and says so later.
            worker.IsAlive = _random.Next(2) == 0;
            At(Delay(3000), () => Handle(new Input.WorkerLeft(worker.Name, "lost")));
            At(Delay(5000), () => Hire(slow: false));
            if (!worker.IsAlive)
            {
                return;
            }
        }

        if (_badShards.Contains(work.Shard))
        {
            ToCoordinator(new Input.ShardFailed(worker.Name, work.Shard, work.Attempt, new ShardFailure($"shard {work.Shard} is bad", Deterministic: true)));
        }
        else if (_failuresLeft[work.Shard] > 0 && _random.NextDouble() < _faultRate)
        {
            _failuresLeft[work.Shard]--;
            ToCoordinator(new Input.ShardFailed(worker.Name, work.Shard, work.Attempt, new ShardFailure("disk error", Deterministic: false)));
        }
        else
        {
            ToCoordinator(new Input.ShardFinished(worker.Name, _results[work.Shard]));
        }

        worker.Work = null;
        Ask(worker);
    }

    private void ToCoordinator(Input input) => Send(() => Handle(input), input);

    private void Send(Action deliver, object message)
    {
        if (_random.NextDouble() < _faultRate / 2)
        {
            _trace.Add((_now, "lost:", message));
            return;
        }

        At(Latency(), deliver);
        if (_random.NextDouble() < _faultRate / 2)
        {
            At(Latency(), deliver);
        }
    }

    private void Handle(Input input)
    {
        _trace.Add((_now, ">", input));
        bool wasOver = _coordinator.IsOver;
        var outputs = _coordinator.Handle(input, _now).ToArray();
        Note(input);
        foreach (var output in outputs)
        {
            _trace.Add((_now, "  <", output));
            Check(!wasOver || output is Output.Release or Output.Abandon or Output.Log, "work goes on after the end");
            Do(output);
        }
    }

    private void Note(Input input)
    {
        switch (input)
        {
            case Input.WorkerLeft left:
                _left.Add(left.Worker);
                _held.Remove(left.Worker);
                break;
            case Input.WorkRequested requested when _held.TryGetValue(requested.Worker, out var held) && held.Request < requested.Number:
            case Input.ShardFailed failed when _held.TryGetValue(failed.Worker, out held) && (held.Shard, held.Attempt) == (failed.Shard, failed.Attempt):
            case Input.ShardFinished finished when _held.TryGetValue(finished.Worker, out held) && held.Shard == finished.Result.Shard:
                _held.Remove(held.Worker);
                break;
        }
    }

    private void Do(Output output)
    {
        switch (output)
        {
            case Output.Assign assign:
                Check(!_left.Contains(assign.Worker), "a shard is given to a worker that has left");
                Check(_held.TryAdd(assign.Worker, assign), "a worker is given a second shard");
                Check(_held.Values.Count(a => a.Shard == assign.Shard) <= 2, "a shard is given to a third worker");
                Check(!_journal.Contains(assign.Shard), "a shard that counts already is given out");
                Send(() => Begin(Find(assign.Worker), assign), assign);
                break;
            case Output.Abandon abandon:
                Send(() => Abandon(Find(abandon.Worker), abandon.Shard), abandon);
                break;
            case Output.Release release:
                Send(() => Find(release.Worker).IsAlive = false, release);
                break;
            case Output.Journal journal:
                Check(_journal.Add(journal.Result.Shard), "a shard counts twice");
                break;
            case Output.Completed or Output.Failed:
                Check(End is null, "the run ends twice");
                End = output;
                break;
        }
    }

    private void Abandon(Worker worker, int shard)
    {
        if (worker.IsAlive && worker.Work?.Shard == shard)
        {
            worker.Work = null;
            Ask(worker);
        }
    }

    private Worker Find(string name) => _workers.First(w => w.Name == name);

    private void At(TimeSpan delay, Action action) => _events.Enqueue(action, (_now + delay, _order++));

    private TimeSpan Delay(int maxMilliseconds) => TimeSpan.FromMilliseconds(_random.NextDouble() * maxMilliseconds);

    private TimeSpan Latency() => _random.NextDouble() < _faultRate ? Delay(1500) : Delay(5);

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private sealed record Worker(string Name, bool IsFirst, bool IsSlow)
    {
        public bool IsAlive { get; set; } = true;

        public long Request { get; set; }

        public Output.Assign? Work { get; set; }
    }
}
