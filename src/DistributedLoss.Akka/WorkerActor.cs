using Akka.Actor;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka;

/// <summary>
/// One slot of a worker: looks for a coordinator, asks it for one shard after another and reports what became of each. It evaluates on a
/// <see cref="ShardThread"/>, and answers meanwhile. When its coordinator is gone it finishes what it has, and reports that to the next one of the same run.
/// </summary>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    private readonly WorkerOptions _options;
    private readonly FrameLink _link;
    private readonly IActorRef _singleton;
    private readonly HashSet<string> _refusedRuns = [];

    // Where it was taken for lost, or the program failed under it, it goes on under another name.
    private string _name;
    private int _lives = 1;
    private IActorRef? _coordinator;
    private ActiveRun? _run;
    private ShardJob? _job;
    private byte[]? _unreported;
    private long _requests;
    private bool _isStopping;

    /// <param name="link">Of this actor alone.</param>
    /// <param name="singleton">Where a coordinator can be found, if there is one.</param>
    public WorkerActor(WorkerOptions options, FrameLink link, IActorRef singleton)
    {
        (_options, _link, _singleton, _name) = (options, link, singleton, options.Name);
        Receive<CommandFrame>(Take);
        Receive<Prepared>(Prepare);
        Receive<ShardEnded>(End);
        Receive<Terminated>(t => LoseCoordinator(t.ActorRef));
        Receive<AskAgain>(_ => AskAgainNow());
        Receive<ReportProgress>(_ => Report(_job is { } job ? new WorkerReport.Progressed(_run!.Id, _name, job.Shard.Index, job.Rows) : null));
        Receive<Stop>(_ => StopSoon());
        Receive<HandBackNow>(_ => HandBack());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsRunning => _run is { Thread: not null };

    protected override void PreStart() => AskAgainNow();

    protected override void PostStop() => DropRun();

    private void Take(CommandFrame frame)
    {
        WorkerCommand command;
        try
        {
            if (_link.Receive(Sender, frame) is not { } bytes)
            {
                return;
            }

            command = WireCommands.Read(bytes);
        }
        catch (WireException e)
        {
            _options.OnEvent(new RunEvent.MessageRefused($"{Sender.Path}", e.Message));
            return;
        }

        if (command.Worker != _name || (command is not WorkerCommand.Run && command.RunId != _run?.Id && _run is not null))
        {
            return;
        }

        switch (command)
        {
            case WorkerCommand.Run run:
                Meet(run);
                break;
            case WorkerCommand.Assign { Assignment: var assignment }:
                Begin(assignment);
                break;
            case WorkerCommand.Abandon abandon when _job?.Shard.Index == abandon.Shard:
                StopJob("it is settled elsewhere, or of no more interest");
                break;
            case WorkerCommand.Release release:
                Leave(release.Reason);
                break;
        }
    }

    /// <summary>A coordinator tells what its run is about: the same as before, where it began anew, or another.</summary>
    private void Meet(WorkerCommand.Run run)
    {
        if (_refusedRuns.Contains(run.RunId) || (Sender.Equals(_coordinator) && _run?.Id == run.RunId))
        {
            return;
        }

        if (_coordinator is not null)
        {
            Context.Unwatch(_coordinator);
            _link.Forget(_coordinator);
        }

        _coordinator = Sender;
        Context.Watch(Sender);
        if (_run?.Id == run.RunId)
        {
            Resume();
            return;
        }

        DropRun();
        _run = new ActiveRun(run.RunId);
        if (ProgramVersion.Refusal($"run {run.RunId}", run.Version) is { } refusal)
        {
            Refuse(refusal);
            return;
        }

        var mine = _run;
        Task.Run(() => mine.Prepare(run)).PipeTo(Self, failure: e => new Prepared(mine, null, e.Message.ReplaceLineEndings(" ")));
    }

    private void Prepare(Prepared prepared)
    {
        if (prepared.Run != _run)
        {
            return;
        }

        if (prepared.Plan is not { } plan)
        {
            Refuse(prepared.Refusal!);
            return;
        }

        var self = Self;
        _run.Begin(plan, _name, _options.OnTile, ended => self.Tell(ended));
        _options.OnEvent(new RunEvent.RunJoined(_run.Id, _name, plan.Files.Count, plan.Classes));
        Resume();
    }

    private void Resume()
    {
        if (!IsRunning)
        {
            return;
        }

        if (_unreported is { } bytes)
        {
            Deliver(bytes);
        }

        if (_job is null)
        {
            Ask();
        }
    }

    private void Begin(ShardAssignment assignment)
    {
        // An answer to an earlier request crossed this one: the coordinator answers this one too.
        if (!IsRunning || _isStopping || _job is not null || assignment.Request != _requests)
        {
            return;
        }

        var shard = assignment.Shard;
        if ((uint)shard.File >= _run!.Plan!.Files.Count)
        {
            Refuse($"shard {shard.Index} is of file {shard.File}, and the run has {_run.Plan.Files.Count}");
            return;
        }

        _job = _run.Thread!.Begin(shard, assignment.Attempt);
        _options.Clock.Begin();
        _options.OnEvent(new RunEvent.ShardTaken(_run.Id, shard.Index, shard.Id, _name, assignment.Attempt, shard.Rows, _run.Plan.Files[shard.File].Path, shard.RowGroup));
        Timers.StartPeriodicTimer(nameof(ReportProgress), ReportProgress.Instance, ProgressInterval, ProgressInterval);
        Timers.Cancel(nameof(AskAgain));
    }

    private void End(ShardEnded ended)
    {
        if (ended.Job != _job)
        {
            return;
        }

        var (run, shard, attempt) = (_run!, _job.Shard, _job.Attempt);
        _job = null;
        _options.Clock.End();
        Timers.Cancel(nameof(ReportProgress));
        switch (ended.Outcome)
        {
            case null:
                Leave($"{ended.Fault!.GetType().Name}: {ended.Fault.Message.ReplaceLineEndings(" ")}", tell: true);
                return;
            case ShardOutcome.NoInput missing:
                Refuse(missing.Message);
                return;
            case ShardOutcome.Finished finished:
                Deliver(WireReports.Write(new WorkerReport.Finished(run.Id, _name, new IdentifiedResult(shard.Id, finished.Result))));
                _options.OnEvent(new RunEvent.ShardDone(run.Id, shard.Index, _name, shard.Rows, finished.Result.BytesRead, finished.Result.Elapsed.TotalSeconds));
                break;
            case ShardOutcome.Failed failed:
                Deliver(WireReports.Write(new WorkerReport.Failed(run.Id, _name, new IdentifiedFailure(shard.Index, shard.Id, attempt, failed.Failure))));
                _options.OnEvent(new RunEvent.ShardFailed(run.Id, shard.Index, _name, attempt, failed.Failure.Message));
                break;
        }

        if (_isStopping)
        {
            HandBack();
            return;
        }

        Ask();
    }

    private void Ask()
    {
        if (_coordinator is not null && !_isStopping)
        {
            Report(new WorkerReport.Requested(_run!.Id, _name, ++_requests));
            Timers.StartSingleTimer(nameof(AskAgain), AskAgain.Instance, _options.RequestInterval);
        }
    }

    private void AskAgainNow()
    {
        if (_coordinator is null)
        {
            _link.Send(_singleton, Self, WireReports.Write(new WorkerReport.Joined("", _name, ProgramVersion.Current)));
            Timers.StartSingleTimer(nameof(AskAgain), AskAgain.Instance, _options.JoinInterval);
        }
        else if (IsRunning && _job is null)
        {
            Ask();
        }
    }

    // A result outlives the coordinator that it was for: the next one of the run takes it.
    private void Deliver(byte[] report)
    {
        _unreported = _coordinator is null ? report : null;
        if (_coordinator is not null)
        {
            _link.Send(_coordinator, Self, report);
        }
    }

    private void Report(WorkerReport? report)
    {
        if (report is not null && _coordinator is not null)
        {
            _link.Send(_coordinator, Self, WireReports.Write(report));
        }
    }

    private void LoseCoordinator(IActorRef coordinator)
    {
        if (coordinator.Equals(_coordinator))
        {
            _link.Forget(coordinator);
            _coordinator = null;
            AskAgainNow();
        }
    }

    /// <summary>Takes no part in the run, now or later: its inputs are not here, or it is of another version.</summary>
    private void Refuse(string reason)
    {
        _refusedRuns.Add(_run!.Id);
        _options.OnEvent(new RunEvent.RunRefused(_run.Id, _name, reason));
        Leave(reason, tell: true);
    }

    /// <summary>Forgets the run, and looks for the next under a new name.</summary>
    private void Leave(string reason, bool tell = false)
    {
        if (_run is not null)
        {
            if (tell)
            {
                Report(new WorkerReport.Left(_run.Id, _name, reason));
            }

            _options.OnEvent(new RunEvent.RunLeft(_run.Id, _name, reason));
        }

        DropRun(reason);
        if (_coordinator is not null)
        {
            Context.Unwatch(_coordinator);
            _link.Forget(_coordinator);
            _coordinator = null;
        }

        if (_isStopping)
        {
            Context.Stop(Self);
            return;
        }

        _name = $"{_options.Name}.{++_lives}";
        Timers.StartSingleTimer(nameof(AskAgain), AskAgain.Instance, _options.JoinInterval);
    }

    private void DropRun(string reason = "its run is over")
    {
        Timers.CancelAll();
        if (_job is not null)
        {
            StopJob(reason);
            _options.Clock.End();
        }

        _run?.End();
        (_run, _job, _unreported, _requests) = (null, null, null, 0);
    }

    private void StopJob(string reason)
    {
        _job!.Stop();
        _options.OnEvent(new RunEvent.ShardDropped(_run!.Id, _job.Shard.Index, _name, reason));
    }

    private void StopSoon()
    {
        _isStopping = true;
        if (_job is null)
        {
            HandBack();
        }
        else
        {
            Timers.StartSingleTimer(nameof(HandBackNow), HandBackNow.Instance, _options.Grace);
        }
    }

    private void HandBack()
    {
        if (_run is { } run)
        {
            if (_job is { } job)
            {
                Report(new WorkerReport.Returned(run.Id, _name, job.Shard.Index, job.Shard.Id, job.Attempt));
            }

            Report(new WorkerReport.Left(run.Id, _name, "it was stopped"));
            DropRun("the worker was stopped, and hands it back");
        }

        Context.Stop(Self);
    }

    /// <summary>The process ends: the shard under way may take <see cref="WorkerOptions.Grace"/>, and is handed back after that.</summary>
    public sealed class Stop
    {
        public static readonly Stop Instance = new();
    }

    private sealed class HandBackNow
    {
        public static readonly HandBackNow Instance = new();
    }

    private sealed class AskAgain
    {
        public static readonly AskAgain Instance = new();
    }

    private sealed class ReportProgress
    {
        public static readonly ReportProgress Instance = new();
    }
}
