using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka;

/// <summary>
/// A run as its coordinator has it, whatever becomes of the node and the actor that speak for it: the state machine, the journal and the outcome. For one
/// thread at a time: the actor's, and the engine's while there is no actor.
/// </summary>
internal sealed class CoordinatorSession : IAsyncDisposable
{
    private readonly EngineRun _run;
    private readonly EventSink _events;
    private readonly IProgress<RunProgress>? _progress;
    private readonly JournalWriter _journal;
    private readonly TaskCompletionSource<CoordinatorOutput> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasSpeaker;

    public CoordinatorSession(RunPlan plan, EngineRun run, RunDirectory? directory, EventSink events, IProgress<RunProgress>? progress)
    {
        (Plan, _run, _events, _progress) = (plan, run, events, progress);
        Description = WireRuns.Write(run.Id, plan);
        _journal = new JournalWriter(directory, Abort);
    }

    public string RunId => _run.Id;

    public RunPlan Plan { get; }

    /// <summary>What every worker is told of the run.</summary>
    public byte[] Description { get; }

    public bool IsOver => _run.Coordinator.IsOver;

    /// <summary>Completed, Failed or Cancelled; faulted when the journal, a listener to events or the program failed.</summary>
    public Task<CoordinatorOutput> Outcome => _outcome.Task;

    /// <summary>Whether an actor speaks for the run now.</summary>
    public bool HasSpeaker
    {
        get => _hasSpeaker;
        set => _hasSpeaker = value;
    }

    /// <summary>Most workers at one time.</summary>
    public int Workers { get; private set; }

    /// <summary>Of what is no news of a result: it need not wait until those are safe.</summary>
    /// <exception cref="Exception">Whatever the listener throws.</exception>
    public void Log(RunEvent e) => _events.TellOrThrow(e);

    public void Abort(Exception exception) => _outcome.TrySetException(exception);

    /// <summary>Tells the state machine, and does what it answers but for what is said to workers.</summary>
    /// <param name="say">Sends a worker what it is told.</param>
    public void Handle(CoordinatorInput input, Action<WorkerCommand> say)
    {
        var now = _run.Now;
        foreach (var output in _run.Coordinator.Handle(input, now))
        {
            Do(output, say);
        }

        if (input is CoordinatorInput.Tick)
        {
            Report(now);
        }
    }

    /// <summary>Ends when what counts is safe, and told; the run directory may then be disposed.</summary>
    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    private void Do(CoordinatorOutput output, Action<WorkerCommand> say)
    {
        switch (output)
        {
            case CoordinatorOutput.Assign assign:
                say(new WorkerCommand.Assign(RunId, assign.Worker, new ShardAssignment(Plan.Shards[assign.Shard], assign.Attempt, assign.Request)));
                break;
            case CoordinatorOutput.Abandon abandon:
                say(new WorkerCommand.Abandon(RunId, abandon.Worker, abandon.Shard));
                break;
            case CoordinatorOutput.Release release:
                say(new WorkerCommand.Release(RunId, release.Worker, IsOver ? "the run is over" : "the worker was taken for lost, and begins anew"));
                break;
            case CoordinatorOutput.Log log:
                if (log.Event is RunEvent.WorkerJoined joined)
                {
                    Workers = Math.Max(Workers, joined.Workers);
                }

                _journal.Then(() => _events.TellOrThrow(log.Event));
                break;
            case CoordinatorOutput.Journal journal:
                _journal.Append(journal.Result);
                break;
            case CoordinatorOutput.Completed or CoordinatorOutput.Failed or CoordinatorOutput.Cancelled:
                Report(_run.Now);
                _journal.Then(() => _outcome.TrySetResult(output));
                break;
            default:
                throw new InvalidOperationException($"unknown output {output.GetType().Name}");
        }
    }

    private void Report(TimeSpan now)
    {
        if (_progress is { } progress)
        {
            var snapshot = _run.Coordinator.Snapshot(now);
            _journal.Then(() => progress.Report(snapshot));
        }
    }
}
