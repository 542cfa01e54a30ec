using System.Collections;
using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Simulation.World;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.Scale;

/// <summary>The coordinator itself at work in virtual time, over a network that loses nothing. Its own time and memory are measured.</summary>
internal sealed class ScaleRun
{
    private const int RowsPerShard = 1000;
    private const int Classes = 10;
    private const int BucketsPerMicrosecond = 10;
    private const int TimeBuckets = 10_000;

    private readonly ScaleCase _case;
    private VirtualClock _clock = new();
    private readonly Dice _dice = new(1);
    private readonly Dictionary<string, ScaleWorker> _workers = [];
    private readonly LinkedList<int> _ready = [];
    private readonly LinkedList<ScaleWorker> _consumers = [];
    private readonly ShardResult _result;
    private readonly Coordinator _coordinator;
    private readonly RunLedger _ledger;
    private readonly long _planBytes;
    private readonly long _beforeBytes;
    private long _mostBytes;
    private int _hired;
    private readonly BitArray _touched;
    private TimeSpan _tailBegan;
    private bool _isOver;
    private long _in;
    private long _out;
    private readonly long[] _times = new long[TimeBuckets];
    private long _allocated;

    private ScaleRun(ScaleCase scale)
    {
        _case = scale;
        _touched = new BitArray(scale.Shards);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var plan = Plan(scale.Shards);
        _planBytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var totals = Evaluate(plan);
        _result = new ShardResult(0, totals.ExecutionDigest(), totals, default, 0);
        _beforeBytes = GC.GetTotalMemory(forceFullCollection: true);
        _ledger = new RunLedger(scale.Shards, plan.NewTotals);
        _coordinator = new Coordinator(plan, _ledger, Options(scale));
        _mostBytes = GC.GetTotalMemory(forceFullCollection: true) - _beforeBytes;
    }

    public static ScaleFigures Of(ScaleCase scale)
    {
        var run = new ScaleRun(scale);
        run.Run();
        var (took, tail) = (run._clock.Now, run._clock.Now - run._tailBegan);
        run.Forget();
        return new ScaleFigures
        {
            Run = took,
            Tail = tail,
            MessagesIn = run._in,
            MessagesOut = run._out,
            Speculated = run._coordinator.Speculated,
            Retried = run._coordinator.Retried,
            Duplicates = run._coordinator.Duplicates,
            MedianMicroseconds = run.Quantile(0.5),
            MostMicroseconds = run.Quantile(0.99),
            PlanBytes = run._planBytes,
            CoordinatorBytes = run._mostBytes,
            AllocatedBytes = run._allocated / (double)run._in,
        };
    }

    private void Run()
    {
        for (int i = 0; i < _case.Workers; i++)
        {
            Hire(i < ScaleCase.SlowShare * _case.Workers);
        }

        if (_case.IsBrokered)
        {
            Tell(new Input.BrokerReady());
        }

        Tick();
        while (!_isOver && _clock.Step())
        {
        }
    }

    // What is left is the coordinator's.
    private void Forget()
    {
        _clock = new VirtualClock();
        _workers.Clear();
        _ready.Clear();
        _consumers.Clear();
        _mostBytes = Math.Max(_mostBytes, GC.GetTotalMemory(forceFullCollection: true) - _beforeBytes);
        GC.KeepAlive(_coordinator);
    }

    private void Hire(bool isSlow)
    {
        var worker = new ScaleWorker($"host{_hired % 1000:D3}-4711-{_hired++:x8}/1", isSlow ? ScaleCase.SlowFactor : 1);
        _workers.Add(worker.Name, worker);
        Tell(new Input.WorkerJoined(worker.Name));
        After(-Math.Log(1 - _dice.Unit()) * ScaleCase.LifeSeconds, () => Die(worker));
        if (_case.IsBrokered)
        {
            for (int i = 0; i < ScaleCase.Prefetch; i++)
            {
                _consumers.AddLast(worker);
            }

            Dispatch();
        }
        else
        {
            Tell(new Input.WorkRequested(worker.Name, ++worker.Requests));
        }
    }

    private void Die(ScaleWorker worker)
    {
        worker.IsAlive = false;
        while (_consumers.Remove(worker))
        {
        }

        foreach (int shard in (int[])[.. worker.Shard is { } held ? [held] : Array.Empty<int>(), .. worker.AtHand])
        {
            _ready.AddFirst(shard);
        }

        Dispatch();
        After(ScaleCase.NoticeSeconds, () => Tell(new Input.WorkerLeft(worker.Name, "silent")));
        After(ScaleCase.ReplaceSeconds, () => Hire(worker.Slowness > 1));
    }

    // The tail begins with the last shard that nobody had before.
    private void Touch(int shard)
    {
        if (!_touched[shard])
        {
            _touched[shard] = true;
            _tailBegan = _clock.Now;
        }
    }

    private void Begin(ScaleWorker worker, int shard)
    {
        worker.Shard = shard;
        int execution = ++worker.Executions;
        double normal = Math.Sqrt(-2 * Math.Log(1 - _dice.Unit())) * Math.Cos(2 * Math.PI * _dice.Unit());
        double seconds = worker.Slowness * ScaleCase.MedianSeconds * Math.Exp(ScaleCase.Sigma * normal);
        Progress(worker, execution, shard, seconds, ScaleCase.ProgressSeconds);
        After(seconds, () =>
        {
            if (worker.IsAlive && worker.Executions == execution && worker.Shard is not null)
            {
                Tell(new Input.ShardFinished(worker.Name, _result with { Shard = shard, Elapsed = TimeSpan.FromSeconds(seconds) }));
                Free(worker);
            }
        });
    }

    private void Progress(ScaleWorker worker, int execution, int shard, double seconds, double at)
    {
        if (at < seconds)
        {
            After(ScaleCase.ProgressSeconds, () =>
            {
                if (worker.IsAlive && worker.Executions == execution && worker.Shard is not null)
                {
                    Tell(new Input.ShardProgressed(worker.Name, shard, (long)(RowsPerShard * at / seconds)));
                    Progress(worker, execution, shard, seconds, at + ScaleCase.ProgressSeconds);
                }
            });
        }
    }

    private void Free(ScaleWorker worker)
    {
        worker.Shard = null;
        if (!_case.IsBrokered)
        {
            Tell(new Input.WorkRequested(worker.Name, ++worker.Requests));
            return;
        }

        _consumers.AddLast(worker);
        Next(worker);
        Dispatch();
    }

    // Idle workers first: an empty prefetch is not a free worker.
    private void Dispatch()
    {
        while (_ready.First is { } shard && _consumers.First is { } consumer)
        {
            _ready.RemoveFirst();
            _consumers.RemoveFirst();
            Touch(shard.Value);
            consumer.Value.AtHand.Enqueue(shard.Value);
            Next(consumer.Value);
        }
    }

    private void Next(ScaleWorker worker)
    {
        if (worker.Shard is null && worker.AtHand.TryDequeue(out int shard))
        {
            Tell(new Input.ShardTaken(worker.Name, shard, 1));
            Begin(worker, shard);
        }
    }

    private void Tick()
    {
        Handle(new Input.Tick());
        After(ScaleCase.TickSeconds, Tick);
    }

    private void Tell(Input input) => After(ScaleCase.LatencySeconds, () => Handle(input));

    private void Handle(Input input)
    {
        if (_isOver)
        {
            return;
        }

        _in++;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        var outputs = _coordinator.Handle(input, _clock.Now);
        double microseconds = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        _times[(int)Math.Min(microseconds * BucketsPerMicrosecond, TimeBuckets - 1)]++;
        _allocated += GC.GetAllocatedBytesForCurrentThread() - allocated;
        foreach (var output in outputs)
        {
            Do(output);
        }
    }

    private void Do(Output output)
    {
        _out += output is Output.Log or Output.Journal ? 0 : 1;
        switch (output)
        {
            case Output.Assign assign:
                Touch(assign.Shard);
                After(ScaleCase.LatencySeconds, () =>
                {
                    if (_workers[assign.Worker] is { IsAlive: true } worker && worker.Requests == assign.Request)
                    {
                        Begin(worker, assign.Shard);
                    }
                });
                break;
            case Output.Offer offer:
                _ready.AddLast(offer.Shard);
                Dispatch();
                break;
            case Output.Abandon abandon:
                After(ScaleCase.LatencySeconds, () =>
                {
                    if (_workers[abandon.Worker] is { IsAlive: true } worker && worker.Shard == abandon.Shard)
                    {
                        Free(worker);
                    }
                });
                break;
            case Output.Completed:
                _isOver = true;
                break;
            case Output.Failed failed:
                throw new InvalidOperationException(failed.Message);
        }
    }

    private double Quantile(double share)
    {
        long left = (long)(share * _in);
        int bucket = 0;
        while (left >= _times[bucket])
        {
            left -= _times[bucket++];
        }

        return (bucket + 1.0) / BucketsPerMicrosecond;
    }

    private void After(double seconds, Action action) => _clock.After(TimeSpan.FromSeconds(seconds), action);

    private static CoordinatorOptions Options(ScaleCase scale)
    {
        var never = TimeSpan.FromDays(1000);
        var options = new CoordinatorOptions { IsBrokered = scale.IsBrokered };
        return scale.Speculates ? options : options with { StragglerMinimum = never, StragglerUnmeasured = never };
    }

    private static RunPlan Plan(int shards)
    {
        var file = new InputFile(0, "dump.parquet", 0, DateTimeOffset.UnixEpoch, "f00d", (long)RowsPerShard * shards, shards);
        return new RunPlan
        {
            Files = [file],
            Shards = [.. Enumerable.Range(0, shards).Select(i => new Shard(
                i, Shard.IdOf(file, (long)RowsPerShard * i, RowsPerShard), 0, i, default, (long)RowsPerShard * i, RowsPerShard, 32 << 20))],
            Classes = Classes,
            Options = new EvaluationOptions(),
        };
    }

    private static Totals Evaluate(RunPlan plan)
    {
        var totals = plan.NewTotals();
        for (int row = 0; row < RowsPerShard; row++)
        {
            double loss = 0.001 * row;
            totals.Rows.Evaluated++;
            totals.Losses.Add(loss);
            totals.Classes.Add(row % Classes, 0, loss);
            totals.Ranks.Add(1 + (row % Classes));
        }

        return totals;
    }

    private sealed class ScaleWorker(string name, double slowness)
    {
        public string Name => name;

        public double Slowness => slowness;

        public bool IsAlive { get; set; } = true;

        public long Requests { get; set; }

        public int Executions { get; set; }

        public int? Shard { get; set; }

        public Queue<int> AtHand { get; } = [];
    }
}
