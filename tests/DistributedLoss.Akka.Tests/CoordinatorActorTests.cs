using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka.Tests;

public sealed class CoordinatorActorTests : ActorSpec
{
    private static readonly RunPlan Plan = Dumps.Plan();

    private readonly ConcurrentQueue<RunProgress> _progress = [];
    private readonly CancellationTokenSource _cancel = new();

    [Fact]
    public async Task A_worker_that_joins_is_told_of_the_run_and_gets_a_shard_for_its_request()
    {
        var (session, coordinator) = Begin();
        var worker = CreateTestProbe();
        Tell(worker, coordinator, new WorkerReport.Joined("", "w/1", ProgramVersion.Current));
        var run = await CommandAsync<WorkerCommand.Run>(worker);
        Assert.Equal((session.RunId, "w/1", ProgramVersion.Current), (run.RunId, run.Worker, run.Version));
        var described = WireRuns.Read(run.Description.Span);
        Assert.Equal((session.RunId, Plan.Rows), (described.RunId, described.Plan.Rows));

        Tell(worker, coordinator, new WorkerReport.Requested(session.RunId, "w/1", 7));
        var assigned = (await CommandAsync<WorkerCommand.Assign>(worker)).Assignment;
        Assert.Equal((Plan.Shards[0], 1, 7), (assigned.Shard, assigned.Attempt, assigned.Request));
        Assert.Equal("w/1", Assert.Single(Events.OfType<RunEvent.WorkerJoined>()).Worker);
        Assert.Equal("w/1", Assert.Single(Events.OfType<RunEvent.ShardAssigned>()).Worker);
    }

    [Fact]
    public async Task When_every_shard_has_a_result_the_run_is_complete_and_every_worker_released()
    {
        var (session, coordinator) = Begin();
        var (one, other) = (await JoinAsync(session, coordinator, "w/1"), await JoinAsync(session, coordinator, "w/2"));
        Tell(other, coordinator, new WorkerReport.Joined("", "w/2", ProgramVersion.Current));
        for (int shard = 0; shard < Plan.Shards.Count; shard++)
        {
            Assert.Equal(shard, await AskAsync(session, coordinator, one, "w/1", shard + 1));
            Tell(one, coordinator, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(shard)));
        }

        Assert.IsType<CoordinatorOutput.Completed>(await session.Outcome);
        Assert.Equal("the run is over", (await CommandAsync<WorkerCommand.Release>(one)).Reason);
        await CommandAsync<WorkerCommand.Run>(other);
        await CommandAsync<WorkerCommand.Release>(other);
        Assert.Equal(2, session.Workers);

        // Whoever comes too late is told so.
        var late = CreateTestProbe();
        Tell(late, coordinator, new WorkerReport.Joined("", "w/3", ProgramVersion.Current));
        Assert.Equal("the run is over", (await CommandAsync<WorkerCommand.Release>(late)).Reason);
        await late.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_result_is_in_the_journal_before_it_counts_and_a_second_one_is_dropped()
    {
        var folder = Directory.CreateTempSubdirectory("dloss-akka-");
        using (var directory = RunDirectory.Open(Path.Combine(folder.FullName, "run"), resume: false))
        {
            string journal = Path.Combine(folder.FullName, "run", RunDirectory.JournalName);
            long[] linesWhenFinished = [];
            var (session, coordinator) = Begin(directory: directory, onEvent: e =>
            {
                if (e is RunEvent.ShardFinished)
                {
                    linesWhenFinished = [.. linesWhenFinished, File.ReadLines(journal).Count()];
                }
            });
            var worker = await JoinAsync(session, coordinator, "w/1");
            await AskAsync(session, coordinator, worker, "w/1", 1);
            Tell(worker, coordinator, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(0)));
            Tell(worker, coordinator, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(0)));
            Assert.Equal(1, await AskAsync(session, coordinator, worker, "w/1", 2));
            await StopAsync(coordinator);
            await session.DisposeAsync();
            Assert.Equal([1], linesWhenFinished);
            Assert.Equal(0, Assert.Single(Events.OfType<RunEvent.ShardDuplicated>()).Shard);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_shard_that_failed_goes_to_another_worker()
    {
        var (session, coordinator) = Begin();
        var (one, other) = (await JoinAsync(session, coordinator, "w/1"), await JoinAsync(session, coordinator, "w/2"));
        await AskAsync(session, coordinator, one, "w/1", 1);
        var failure = new IdentifiedFailure(0, Plan.Shards[0].Id, 1, new ShardFailure("the disk is tired", Deterministic: false));
        Tell(one, coordinator, new WorkerReport.Failed(session.RunId, "w/1", failure));
        Assert.Equal(0, await AskAsync(session, coordinator, other, "w/2", 1));
        Assert.Equal("the disk is tired", Assert.Single(Events.OfType<RunEvent.ShardRetried>()).Reason);
    }

    [Fact]
    public async Task Bad_data_end_the_run()
    {
        var (session, coordinator) = Begin();
        var worker = await JoinAsync(session, coordinator, "w/1");
        await AskAsync(session, coordinator, worker, "w/1", 1);
        var failure = new IdentifiedFailure(0, Plan.Shards[0].Id, 1, new ShardFailure("dump.parquet: row group 0, row 3: not a number", Deterministic: true));
        Tell(worker, coordinator, new WorkerReport.Failed(session.RunId, "w/1", failure));
        var failed = Assert.IsType<CoordinatorOutput.Failed>(await session.Outcome);
        Assert.True(failed.BadInput);
        Assert.Contains("row 3", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("returned")]
    [InlineData("left")]
    [InlineData("terminated")]
    [InlineData("unreachable")]
    [InlineData("renamed")]
    public async Task The_shard_of_a_worker_that_is_gone_goes_to_another(string how)
    {
        var (session, coordinator) = Begin();
        var (one, other) = (await JoinAsync(session, coordinator, "w/1"), await JoinAsync(session, coordinator, "w/2"));
        await AskAsync(session, coordinator, one, "w/1", 1);
        switch (how)
        {
            case "returned":
                Tell(one, coordinator, new WorkerReport.Returned(session.RunId, "w/1", 0, Plan.Shards[0].Id, 1));
                break;
            case "left":
                Tell(one, coordinator, new WorkerReport.Left(session.RunId, "w/1", "it was stopped"));
                break;
            case "terminated":
                Sys.Stop(one);
                break;
            case "unreachable":
                coordinator.Tell(new CoordinatorActor.NodeLost(one.Ref.Path.Address, "the cluster does not reach its node"));
                break;
            case "renamed":
                Tell(one, coordinator, new WorkerReport.Joined("", "w/1.2", ProgramVersion.Current));
                break;
        }

        await AwaitConditionAsync(() => Task.FromResult(Events.OfType<RunEvent.ShardRetried>().Any(e => e.Shard == 0)), TimeSpan.FromSeconds(20));
        if (how == "unreachable")
        {
            // All probes are of one node.
            Assert.Equal(2, Events.OfType<RunEvent.WorkerLeft>().Count());
            other = await JoinAsync(session, coordinator, "w/2.2");
            Assert.Equal(0, await AskAsync(session, coordinator, other, "w/2.2", 1));
        }
        else
        {
            Assert.Equal(0, await AskAsync(session, coordinator, other, "w/2", 1));
            Assert.Equal(how == "returned" ? 0 : 1, Events.OfType<RunEvent.WorkerLeft>().Count(e => e.Worker == "w/1"));
        }
    }

    [Fact]
    public async Task A_worker_that_was_taken_for_lost_is_released_and_its_late_result_counts()
    {
        var (session, coordinator) = Begin();
        var worker = await JoinAsync(session, coordinator, "w/1");
        await AskAsync(session, coordinator, worker, "w/1", 1);
        coordinator.Tell(new CoordinatorActor.NodeLost(worker.Ref.Path.Address, "the cluster does not reach its node"));
        Tell(worker, coordinator, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(0)));
        Tell(worker, coordinator, new WorkerReport.Requested(session.RunId, "w/1", 2));
        Assert.Contains("lost", (await CommandAsync<WorkerCommand.Release>(worker)).Reason, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(Events.OfType<RunEvent.ShardFinished>()).Shard);

        Tell(worker, coordinator, new WorkerReport.Joined("", "w/1.2", ProgramVersion.Current));
        await CommandAsync<WorkerCommand.Run>(worker);
        Assert.Equal(1, await AskAsync(session, coordinator, worker, "w/1.2", 1));
    }

    [Fact]
    public async Task A_straggler_shard_is_given_to_an_idle_worker_and_whoever_is_second_abandons_it()
    {
        var options = new CoordinatorOptions { StragglerUnmeasured = TimeSpan.Zero, StragglerMinimum = TimeSpan.Zero, StragglerFactor = 0 };
        var (session, coordinator) = Begin(options);
        var (one, other) = (await JoinAsync(session, coordinator, "w/1"), await JoinAsync(session, coordinator, "w/2"));
        await AskAsync(session, coordinator, one, "w/1", 1);
        for (int shard = 1; shard < Plan.Shards.Count; shard++)
        {
            Assert.Equal(shard, await AskAsync(session, coordinator, other, "w/2", shard));
            Tell(other, coordinator, new WorkerReport.Finished(session.RunId, "w/2", Evaluate(shard)));
        }

        Assert.Equal(0, await AskAsync(session, coordinator, other, "w/2", Plan.Shards.Count));
        Tell(other, coordinator, new WorkerReport.Finished(session.RunId, "w/2", Evaluate(0)));
        Assert.Equal(0, (await CommandAsync<WorkerCommand.Abandon>(one)).Shard);
        Assert.IsType<CoordinatorOutput.Completed>(await session.Outcome);
    }

    [Fact]
    public async Task Progress_of_shards_under_way_is_told()
    {
        var (session, coordinator) = Begin();
        var worker = await JoinAsync(session, coordinator, "w/1");
        await AskAsync(session, coordinator, worker, "w/1", 1);
        Tell(worker, coordinator, new WorkerReport.Progressed(session.RunId, "w/1", 0, 5));
        await AwaitConditionAsync(() => Task.FromResult(_progress.Any(p => p.RowsDone == 5 && p.Workers == 1)), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_worker_of_another_version_is_released_with_both_versions()
    {
        var (_, coordinator) = Begin();
        var worker = CreateTestProbe();
        Tell(worker, coordinator, new WorkerReport.Joined("", "w/1", "0.0.9"));
        var release = await CommandAsync<WorkerCommand.Release>(worker);
        Assert.Contains("0.0.9", release.Reason, StringComparison.Ordinal);
        Assert.Contains(ProgramVersion.Current, release.Reason, StringComparison.Ordinal);
        var refused = Assert.Single(Events.OfType<RunEvent.WorkerRefused>());
        Assert.Equal(("w/1", release.Reason), (refused.Worker, refused.Reason));
        Assert.Empty(Events.OfType<RunEvent.WorkerJoined>());
    }

    [Fact]
    public async Task A_worker_that_leaves_before_it_asks_for_work_cannot_take_part()
    {
        var (session, coordinator) = Begin();
        var (one, other) = (await JoinAsync(session, coordinator, "w/1"), await JoinAsync(session, coordinator, "w/2"));
        await AskAsync(session, coordinator, other, "w/2", 1);
        Tell(one, coordinator, new WorkerReport.Left(session.RunId, "w/1", "no such file"));
        Tell(other, coordinator, new WorkerReport.Left(session.RunId, "w/2", "it was stopped"));
        await JoinAsync(session, coordinator, "w/3");
        var refused = Assert.Single(Events.OfType<RunEvent.WorkerRefused>());
        Assert.Equal(("w/1", "no such file"), (refused.Worker, refused.Reason));
    }

    [Fact]
    public async Task A_worker_of_another_run_is_released_from_that_run()
    {
        var (_, coordinator) = Begin();
        var worker = CreateTestProbe();
        Tell(worker, coordinator, new WorkerReport.Requested("another", "w/1", 3));
        Assert.Equal("another", (await CommandAsync<WorkerCommand.Release>(worker)).RunId);
        Assert.Empty(Events.OfType<RunEvent.WorkerJoined>());
    }

    [Fact]
    public async Task A_worker_that_worked_for_the_run_under_another_coordinator_need_not_join_again()
    {
        var (session, coordinator) = Begin();
        var worker = CreateTestProbe();
        Tell(worker, coordinator, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(3)));
        Assert.Equal(0, await AskAsync(session, coordinator, worker, "w/1", 12));
        Assert.Equal(3, Assert.Single(Events.OfType<RunEvent.ShardFinished>()).Shard);
        Assert.Equal("w/1", Assert.Single(Events.OfType<RunEvent.WorkerJoined>()).Worker);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_told_and_change_nothing()
    {
        var (session, coordinator) = Begin();
        var stranger = CreateTestProbe();
        coordinator.Tell(new ReportFrame([]), stranger);
        coordinator.Tell(new ReportFrame([.. Enumerable.Range(0, 150).Select(i => (byte)(i * 37))]), stranger);
        coordinator.Tell(new ReportFrame([.. WireChunks.Cut(new byte[] { 1, 2, 3 }, 1, 200).Single()]), stranger);
        coordinator.Tell(new ReportFrame([.. WireChunks.Cut(new byte[5_000_000], 2, 200).First()]), stranger);
        coordinator.Tell(new ReportFrame([]), ActorRefs.NoSender);
        await JoinAsync(session, coordinator, "w/1");
        Assert.Equal(5, Events.OfType<RunEvent.MessageRefused>().Count());
        Assert.False(session.Outcome.IsCompleted);
        await stranger.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Cancelling_ends_the_run_and_releases_the_workers()
    {
        var (session, coordinator) = Begin();
        var worker = await JoinAsync(session, coordinator, "w/1");
        await AskAsync(session, coordinator, worker, "w/1", 1);
        await _cancel.CancelAsync();
        Assert.IsType<CoordinatorOutput.Cancelled>(await session.Outcome);
        Assert.Equal(0, (await CommandAsync<WorkerCommand.Abandon>(worker)).Shard);
        await CommandAsync<WorkerCommand.Release>(worker);
    }

    [Fact]
    public async Task What_a_listener_throws_ends_the_run_and_the_actor()
    {
        var (session, coordinator) = Begin(onEvent: e =>
        {
            if (e is RunEvent.WorkerJoined)
            {
                throw new InvalidOperationException("the log is full");
            }
        });
        await WatchAsync(coordinator);
        Tell(CreateTestProbe(), coordinator, new WorkerReport.Joined("", "w/1", ProgramVersion.Current));
        Assert.Equal("the log is full", (await Assert.ThrowsAsync<InvalidOperationException>(() => session.Outcome)).Message);
        await ExpectTerminatedAsync(coordinator);
    }

    [Fact]
    public async Task A_run_goes_on_under_the_actor_of_another_node()
    {
        var (session, first) = Begin();
        var worker = await JoinAsync(session, first, "w/1");
        await AskAsync(session, first, worker, "w/1", 1);
        Tell(worker, first, new WorkerReport.Finished(session.RunId, "w/1", Evaluate(0)));
        await AskAsync(session, first, worker, "w/1", 2);
        await StopAsync(first);
        Assert.False(session.HasSpeaker);
        Assert.Equal("w/1", Assert.Single(Events.OfType<RunEvent.WorkerLeft>()).Worker);

        var second = Speak(session);
        worker = await JoinAsync(session, second, "w/1.2");
        Assert.True(session.HasSpeaker);
        Assert.Equal(1, await AskAsync(session, second, worker, "w/1.2", 1));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _cancel.Dispose();
    }

    private (CoordinatorSession Session, IActorRef Actor) Begin(
        CoordinatorOptions? options = null, RunDirectory? directory = null, Action<RunEvent>? onEvent = null)
    {
        void Listen(RunEvent e)
        {
            Events.Enqueue(e);
            onEvent?.Invoke(e);
        }

        var events = new EventSink(Listen);
        var run = new EngineRun(Plan, AkkaEngine.EngineName, 0, options ?? new CoordinatorOptions(), directory, events.TellOrThrow);
        var session = new CoordinatorSession(Plan, run, directory, events, new Listener(_progress.Enqueue));
        return (session, Speak(session));
    }

    private IActorRef Speak(CoordinatorSession session)
    {
        var cancel = _cancel.Token;
        return Sys.ActorOf(Props.Create(() => new CoordinatorActor(session, NewLink(b => new CommandFrame(b)), null, cancel)));
    }

    private async Task<TestProbe> JoinAsync(CoordinatorSession session, IActorRef coordinator, string name)
    {
        var worker = CreateTestProbe();
        Tell(worker, coordinator, new WorkerReport.Joined("", name, ProgramVersion.Current));
        Assert.Equal(session.RunId, (await CommandAsync<WorkerCommand.Run>(worker)).RunId);
        return worker;
    }

    /// <returns>The shard that the worker is given.</returns>
    private async Task<int> AskAsync(CoordinatorSession session, IActorRef coordinator, TestProbe worker, string name, long number)
    {
        Tell(worker, coordinator, new WorkerReport.Requested(session.RunId, name, number));
        var assignment = (await CommandAsync<WorkerCommand.Assign>(worker)).Assignment;
        Assert.Equal(number, assignment.Request);
        return assignment.Shard.Index;
    }

    private async Task StopAsync(IActorRef actor)
    {
        await WatchAsync(actor);
        actor.Tell(CoordinatorActor.Stop.Instance);
        await ExpectTerminatedAsync(actor);
    }

    private sealed class Listener(Action<RunProgress> onProgress) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => onProgress(value);
    }
}
