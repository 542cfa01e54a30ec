using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Coordination.Journal;

/// <summary>A dump of many shards with every statistic, and a run directory beside it.</summary>
internal sealed class KeptRun : IDisposable
{
    private readonly DumpFolder _runs = new();

    public KeptRun() => Plan = VariedDump.Plan(Dump, "index", 1, new Random(1));

    public DumpFolder Dump { get; } = new();

    public RunPlan Plan { get; }

    public string Path => _runs["run"];

    public string Journal => System.IO.Path.Combine(Path, RunDirectory.JournalName);

    public string Manifest => System.IO.Path.Combine(Path, RunDirectory.ManifestName);

    public RunLedger NewLedger() => new(Plan.Shards.Count, Plan.NewTotals);

    /// <summary>Evaluates shards that are open, as many as are asked for, in an order of their own, as a run that then dies.</summary>
    /// <returns>The ledger, and what the directory gave back; null for a new run.</returns>
    public (RunLedger Ledger, ResumedShards? Resumed) Run(int shards, bool resume, RunPlan? plan = null)
    {
        plan ??= Plan;
        var ledger = NewLedger();
        using var directory = RunDirectory.Open(Path, resume);
        var resumed = directory.Begin(plan, ledger);
        using var evaluator = new ShardEvaluator(plan);
        foreach (var shard in plan.Shards.Where(s => !ledger.IsSettled(s.Index)).OrderBy(s => s.Index * 7 % plan.Shards.Count).Take(shards).ToArray())
        {
            var result = evaluator.Evaluate(shard, plan.NewTotals(), new Patient())!;
            directory.Append(result);
            ledger.Settle(result);
        }

        return (ledger, resumed);
    }

    /// <summary>Another plan over the files as they are now.</summary>
    public RunPlan PlanAgain(Func<EvaluationOptions, EvaluationOptions>? change = null) =>
        RunPlan.Create([Dump.Path], (change ?? (o => o))(Plan.Options), new PlanOptions { ShardBytes = 1 }) with { TileRows = 3 };

    public void Dispose()
    {
        Dump.Dispose();
        _runs.Dispose();
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
