using System.Diagnostics;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Coordination;

/// <summary>What every engine does around its own way of running work: opens the ledger and the run directory, and makes a result of what the coordinator said last.</summary>
public sealed class EngineRun
{
    private readonly RunPlan _plan;
    private readonly string _engine;
    private readonly Action<RunEvent> _onEvent;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <param name="engine">As <see cref="IEngine.Name"/>.</param>
    /// <param name="workers">That the run begins with; 0 where they come by themselves.</param>
    /// <param name="directory">Keeps results before they count, and gives back those of a run that is continued; null where the process is the journal.</param>
    /// <exception cref="BadOptionException">The run directory holds a run with other options.</exception>
    /// <exception cref="BadInputException">An input changed since the run was begun.</exception>
    /// <exception cref="RunDirectoryException">What is in the directory is damaged.</exception>
    /// <exception cref="IOException">The disk is full, or failed.</exception>
    public EngineRun(RunPlan plan, string engine, int workers, CoordinatorOptions options, RunDirectory? directory, Action<RunEvent> onEvent)
    {
        (_plan, _engine, _onEvent) = (plan, engine, onEvent);
        Ledger = new RunLedger(plan.Shards.Count, plan.NewTotals);
        var resumed = directory?.Begin(plan, Ledger);
        Id = directory?.RunId ?? Guid.NewGuid().ToString("N");
        onEvent(new RunEvent.RunStarted(plan.Files.Count, plan.Shards.Count, plan.Rows, plan.Classes, engine, workers, plan.Kernel.Name, Id));
        if (resumed is not null)
        {
            onEvent(new RunEvent.RunResumed(resumed.Shards, plan.Shards.Count, resumed.DroppedBytes));
        }

        Coordinator = new Coordinator(plan, Ledger, options);
    }

    /// <summary>32 hex digits, unlike those of any other run; a run that is continued keeps its own.</summary>
    public string Id { get; }

    public RunLedger Ledger { get; }

    public Coordinator Coordinator { get; }

    /// <summary>Since the run began: the time that the coordinator is told.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    /// <param name="last">Completed, Failed or Cancelled.</param>
    /// <param name="workers">That took part.</param>
    public RunOutcome End(CoordinatorOutput last, int workers)
    {
        switch (last)
        {
            case CoordinatorOutput.Failed failed:
                return new RunOutcome.Failed(failed.Message, failed.BadInput);
            case CoordinatorOutput.Cancelled cancelled:
                return new RunOutcome.Cancelled(cancelled.Progress);
            case CoordinatorOutput.Completed:
                return new RunOutcome.Completed(Complete(workers));
            default:
                throw new ArgumentException($"{last.GetType().Name} does not end a run", nameof(last));
        }
    }

    private EvaluationResult Complete(int workers)
    {
        var elapsed = Now;
        var shards = new ShardFigures(_plan.Shards.Count, Coordinator.Retried, Coordinator.Speculated, Coordinator.Duplicates);
        var result = ResultBuilder.Build(_plan, Ledger.Totals, shards, _started, elapsed, _engine, workers);
        foreach (var cause in InvalidCauses.All)
        {
            if (Ledger.Totals.Rows[cause] is > 0 and var rows)
            {
                _onEvent(new RunEvent.RowsSkipped(cause, rows));
            }
        }

        _onEvent(new RunEvent.RunFinished(_plan.Shards.Count, result.Rows.Total, result.Loss.Mean, result.Digest, elapsed.TotalSeconds));
        return result;
    }
}
