using System.Collections.Concurrent;
using System.Threading.Channels;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Wire;

namespace DistributedLoss.RabbitMq.Workers;

/// <summary>Evaluates one shard at a time on a thread of its own.</summary>
internal sealed class WorkerSlot(int number, ChannelWriter<WorkerMail> mailbox) : IShardObserver
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Dictionary<WorkerRun, (ShardRunner Runner, Totals Totals)> _runners = [];
    private volatile bool _mayContinue;
    private long _rowsDone;

    /// <summary>From 1 on.</summary>
    public int Number => number;

    /// <summary>What is under way; the mailbox's thread alone asks and sets.</summary>
    public (WorkerRun Run, ShardDelivery Delivery)? Job { get; private set; }

    /// <summary>After a shard that failed; the mailbox's thread alone.</summary>
    public bool IsResting { get; set; }

    /// <summary>Why the shard under way is stopped; null while it is not.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Whether the shard that is stopped is to be evaluated by somebody else.</summary>
    public bool HandsBack { get; private set; }

    public bool IsFree => Job is null && !IsResting;

    /// <summary>Of the shard under way.</summary>
    public long RowsDone => Interlocked.Read(ref _rowsDone);

    public void Start() => new Thread(Run) { IsBackground = true, Name = $"slot {number}" }.Start();

    /// <param name="name">The slot's, in this run.</param>
    public void Begin(WorkerRun run, ShardDelivery delivery, string name)
    {
        Job = (run, delivery);
        StopReason = null;
        HandsBack = false;
        Interlocked.Exchange(ref _rowsDone, 0);
        _mayContinue = true;
        _work.Add(() => Evaluate(run, delivery, name));
    }

    /// <summary>Asks for the end of the shard under way, which is then told as stopped, or as done if it just was.</summary>
    public void StopShard(string reason, bool handsBack)
    {
        StopReason ??= reason;
        HandsBack |= handsBack;
        _mayContinue = false;
    }

    /// <summary>The shard's end has been heard.</summary>
    public void Clear() => Job = null;

    /// <summary>Frees what the slot keeps of a run.</summary>
    public void Forget(WorkerRun run) => _work.Add(() =>
    {
        if (_runners.Remove(run, out var known))
        {
            known.Runner.Dispose();
        }
    });

    public void End() => _work.CompleteAdding();

    bool IShardObserver.MayContinue(long rowsDone)
    {
        Interlocked.Exchange(ref _rowsDone, rowsDone);
        return _mayContinue;
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        foreach (var (runner, _) in _runners.Values)
        {
            runner.Dispose();
        }
    }

    private void Evaluate(WorkerRun run, ShardDelivery delivery, string name)
    {
        ShardOutcome outcome;
        byte[]? report = null;
        var shard = delivery.Shard;
        try
        {
            if (!_runners.TryGetValue(run, out var known))
            {
                _runners[run] = known = (new ShardRunner(run.Plan!), run.Plan!.NewTotals());
            }

            outcome = known.Runner.Run(shard, known.Totals, this);
            if (outcome is ShardOutcome.Finished finished)
            {
                report = WireReports.Write(new WorkerReport.Finished(run.Id, name, new IdentifiedResult(shard.Id, finished.Result)));
            }

            known.Totals.Clear();
        }
        catch (Exception e)
        {
            // A fault of the program, or no memory: what was begun is of no more use, and the coordinator decides who tries again.
            if (_runners.Remove(run, out var broken))
            {
                broken.Runner.Dispose();
            }

            string file = (uint)shard.File < run.Plan!.Files.Count ? run.Plan.Files[shard.File].Path : $"file {shard.File}";
            string what = $"{file}: row group {shard.RowGroup}: unexpected {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}";
            outcome = new ShardOutcome.Failed(new ShardFailure($"{what}; look at the log of worker {name}, and report it", Deterministic: false));
        }

        mailbox.TryWrite(new WorkerMail.Evaluated(this, run, delivery, outcome, report));
    }
}
