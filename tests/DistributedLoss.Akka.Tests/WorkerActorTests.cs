using Akka.Actor;
using Akka.TestKit;
using DistributedLoss.Akka.Messages;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka.Tests;

public sealed class WorkerActorTests : ActorSpec
{
    private const string RunId = "run-1";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private static readonly RunPlan Plan = Dumps.Plan() with { TileRows = 1 };

    [Fact]
    public async Task It_joins_again_and_again_until_a_coordinator_answers_and_then_asks_for_work()
    {
        var singleton = CreateTestProbe();
        var worker = Hire(singleton, options: new WorkerOptions("w/1") { JoinInterval = Soon, RequestInterval = Never });
        for (int i = 0; i < 3; i++)
        {
            var joined = await ReportAsync<WorkerReport.Joined>(singleton);
            Assert.Equal(("", "w/1", ProgramVersion.Current), (joined.RunId, joined.Worker, joined.Version));
        }

        var coordinator = CreateTestProbe();
        Tell(coordinator, worker, Describe());
        var requested = await ReportAsync<WorkerReport.Requested>(coordinator);
        Assert.Equal((RunId, "w/1", 1), (requested.RunId, requested.Worker, requested.Number));
    }

    [Fact]
    public async Task It_evaluates_what_it_is_assigned_and_asks_for_the_next()
    {
        var (worker, coordinator) = await EmployAsync();
        foreach (int shard in (int[])[2, 0, 5])
        {
            long request = await AssignAsync(coordinator, worker, shard);
            var finished = await ReportAsync<WorkerReport.Finished>(coordinator);
            Assert.Equal((RunId, "w/1", Plan.Shards[shard].Id), (finished.RunId, finished.Worker, finished.Result.ShardId));
            Assert.Equal(Evaluate(shard).Result.Digest, finished.Result.Result.Digest);
            Assert.Equal(request + 1, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
        }
    }

    [Fact]
    public async Task Without_an_answer_it_asks_again_with_a_higher_number_and_leaves_answers_to_earlier_ones_alone()
    {
        var (worker, coordinator) = await EmployAsync(new WorkerOptions("w/1") { JoinInterval = Never, RequestInterval = Soon });
        Assert.Equal(2, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
        Tell(coordinator, worker, new WorkerCommand.Assign(RunId, "w/1", new ShardAssignment(Plan.Shards[4], 1, 1)));
        long number = 2;
        while (number < 6)
        {
            // It is idle: else it would not ask.
            Assert.Equal(++number, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
        }
    }

    [Fact]
    public async Task It_tells_of_its_progress_while_it_evaluates()
    {
        using var gate = new Gate(reachRows: 3);
        var (worker, coordinator) = await EmployAsync(gate.Options);
        await AssignAsync(coordinator, worker, 0);
        await gate.ReachedAsync();
        var progressed = Assert.IsType<WorkerReport.Progressed>(await ReportAsync(coordinator, withProgress: true));
        Assert.Equal((RunId, "w/1", 0, 3), (progressed.RunId, progressed.Worker, progressed.Shard, progressed.Rows));
        gate.Open();
        await ReportAsync<WorkerReport.Finished>(coordinator);
    }

    [Fact]
    public async Task An_abandoned_shard_has_no_result_and_the_next_is_asked_for()
    {
        using var gate = new Gate(reachRows: 3);
        var (worker, coordinator) = await EmployAsync(gate.Options);
        await AssignAsync(coordinator, worker, 0);
        await gate.ReachedAsync();
        Tell(coordinator, worker, new WorkerCommand.Abandon(RunId, "w/1", 0));
        gate.OpenWhenStopped();
        Assert.Equal(2, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
    }

    [Fact]
    public async Task Released_it_stops_and_joins_under_another_name()
    {
        using var gate = new Gate(reachRows: 3);
        var singleton = CreateTestProbe();
        var (worker, coordinator) = await EmployAsync(gate.Options with { JoinInterval = Soon }, singleton);
        await AssignAsync(coordinator, worker, 0);
        await gate.ReachedAsync();
        Tell(coordinator, worker, new WorkerCommand.Release(RunId, "w/1", "the worker was taken for lost"));
        gate.OpenWhenStopped();
        Assert.Equal("w/1.2", (await RenamedAsync(singleton)).Worker);
        var left = Assert.Single(Events.OfType<RunEvent.RunLeft>());
        Assert.Equal((RunId, "the worker was taken for lost"), (left.Run, left.Reason));
        Tell(coordinator, worker, Describe(worker: "w/1.2"));
        Assert.Equal(("w/1.2", 1), (await ReportAsync<WorkerReport.Requested>(coordinator)) is var r ? (r.Worker, r.Number) : default);
    }

    [Fact]
    public async Task What_it_finishes_without_a_coordinator_goes_to_the_next_one_of_the_run()
    {
        using var gate = new Gate(reachRows: 3);
        var singleton = CreateTestProbe();
        var (worker, coordinator) = await EmployAsync(gate.Options with { JoinInterval = Soon }, singleton);
        await AssignAsync(coordinator, worker, 0);
        await gate.ReachedAsync();
        Sys.Stop(coordinator);
        await ReportAsync<WorkerReport.Joined>(singleton);
        gate.Open();
        await gate.EndedAsync();

        var next = CreateTestProbe();
        Tell(next, worker, Describe());
        var finished = await ReportAsync<WorkerReport.Finished>(next);
        Assert.Equal((RunId, "w/1", Evaluate(0).Result.Digest), (finished.RunId, finished.Worker, finished.Result.Result.Digest));
        Assert.Equal(2, (await ReportAsync<WorkerReport.Requested>(next)).Number);
    }

    [Fact]
    public async Task A_coordinator_of_another_run_gets_nothing_of_the_one_before()
    {
        using var gate = new Gate(reachRows: 3);
        var singleton = CreateTestProbe();
        var (worker, coordinator) = await EmployAsync(gate.Options with { JoinInterval = Soon }, singleton);
        await AssignAsync(coordinator, worker, 0);
        await gate.ReachedAsync();
        Sys.Stop(coordinator);
        await ReportAsync<WorkerReport.Joined>(singleton);

        var next = CreateTestProbe();
        Tell(next, worker, Describe("run-2"));
        gate.OpenWhenStopped();
        var requested = await ReportAsync<WorkerReport.Requested>(next);
        Assert.Equal(("run-2", 1), (requested.RunId, requested.Number));
    }

    [Theory]
    [InlineData("missing", "no_such.parquet")]
    [InlineData("changed", "arrow_list_v1_pages_groups.parquet")]
    [InlineData("version", "0.0.9")]
    [InlineData("description", "damaged")]
    public async Task It_takes_no_part_in_a_run_that_it_cannot_evaluate_but_in_the_next(string what, string said)
    {
        var singleton = CreateTestProbe();
        var worker = Hire(singleton, new WorkerOptions("w/1") { JoinInterval = Soon, RequestInterval = Never });
        await ReportAsync<WorkerReport.Joined>(singleton);
        var file = Plan.Files[0];
        var coordinator = CreateTestProbe();
        var description = what switch
        {
            "missing" => Describe(plan: Plan with { Files = [file with { Path = "/nowhere/no_such.parquet" }, Plan.Files[1]] }),
            "changed" => Describe(plan: Plan with { Files = [file with { FooterDigest = new string('0', 64) }, Plan.Files[1]] }),
            "version" => Describe() with { Version = "0.0.9" },
            _ => Describe() with { Description = new byte[] { 8, 1, 255 } },
        };
        Tell(coordinator, worker, description);
        var left = await ReportAsync<WorkerReport.Left>(coordinator);
        Assert.Equal((RunId, "w/1"), (left.RunId, left.Worker));
        Assert.Contains(said, left.Reason, StringComparison.Ordinal);
        Assert.Equal(left.Reason, Assert.Single(Events.OfType<RunEvent.RunRefused>()).Reason);

        Assert.Equal("w/1.2", (await RenamedAsync(singleton)).Worker);
        Tell(coordinator, worker, Describe(worker: "w/1.2"));
        Tell(coordinator, worker, Describe("run-2", "w/1.2"));
        Assert.Equal("run-2", (await ReportAsync<WorkerReport.Requested>(coordinator)).RunId);
    }

    [Fact]
    public async Task Inputs_that_go_in_mid_run_are_its_own_trouble_and_no_failure_of_the_shard()
    {
        string copy = Path.Combine(Directory.CreateTempSubdirectory("dloss-akka-").FullName, "dump.parquet");
        File.Copy(Plan.Files[1].Path, copy);
        var plan = RunPlan.Create([copy], new EvaluationOptions(), new PlanOptions { ShardBytes = 1 });
        var singleton = CreateTestProbe();
        var worker = Hire(singleton, new WorkerOptions("w/1") { JoinInterval = Never, RequestInterval = Never });
        var coordinator = CreateTestProbe();
        await ReportAsync<WorkerReport.Joined>(singleton);
        Tell(coordinator, worker, Describe(plan: plan));
        await ReportAsync<WorkerReport.Requested>(coordinator);
        File.Delete(copy);
        Tell(coordinator, worker, new WorkerCommand.Assign(RunId, "w/1", new ShardAssignment(plan.Shards[0], 1, 1)));
        Assert.Contains(copy, (await ReportAsync<WorkerReport.Left>(coordinator)).Reason, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(copy)!);
    }

    [Fact]
    public async Task Bad_data_are_reported_and_the_next_shard_asked_for()
    {
        var plan = RunPlan.Create([Repository.Fixture("bad/logit_nan.parquet")], new EvaluationOptions());
        var singleton = CreateTestProbe();
        var worker = Hire(singleton, new WorkerOptions("w/1") { JoinInterval = Never, RequestInterval = Never });
        var coordinator = CreateTestProbe();
        await ReportAsync<WorkerReport.Joined>(singleton);
        Tell(coordinator, worker, Describe(plan: plan));
        await ReportAsync<WorkerReport.Requested>(coordinator);
        Tell(coordinator, worker, new WorkerCommand.Assign(RunId, "w/1", new ShardAssignment(plan.Shards[0], 4, 1)));
        var failed = (await ReportAsync<WorkerReport.Failed>(coordinator)).Failure;
        Assert.Equal((0, 4, true), (failed.Shard, failed.Attempt, failed.Failure.Deterministic));
        Assert.Contains("logit_nan.parquet: row group 0, row ", failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
    }

    [Fact]
    public async Task A_fault_of_the_program_costs_the_shard_and_the_name_but_not_the_worker()
    {
        var singleton = CreateTestProbe();
        int faults = 0;
        var (worker, coordinator) = await EmployAsync(
            new WorkerOptions("w/1")
            {
                JoinInterval = Soon,
                RequestInterval = Never,
                OnTile = _ =>
                {
                    if (Interlocked.Increment(ref faults) == 1)
                    {
                        throw new InvalidOperationException("broken by the test");
                    }
                },
            },
            singleton);
        await AssignAsync(coordinator, worker, 0);
        Assert.Equal("InvalidOperationException: broken by the test", (await ReportAsync<WorkerReport.Left>(coordinator)).Reason);
        Assert.Equal("w/1.2", (await RenamedAsync(singleton)).Worker);
        Tell(coordinator, worker, Describe(worker: "w/1.2"));
        await ReportAsync<WorkerReport.Requested>(coordinator);
        await AssignAsync(coordinator, worker, 0, "w/1.2");
        await ReportAsync<WorkerReport.Finished>(coordinator);
    }

    [Fact]
    public async Task Asked_to_stop_it_finishes_its_shard_and_takes_no_other()
    {
        using var gate = new Gate(reachRows: 3);
        var (worker, coordinator) = await EmployAsync(gate.Options with { Grace = Never });
        await WatchAsync(worker);
        await AssignAsync(coordinator, worker, 3);
        await gate.ReachedAsync();
        worker.Tell(WorkerActor.Stop.Instance);
        gate.Open();
        Assert.Equal(Evaluate(3).Result.Digest, (await ReportAsync<WorkerReport.Finished>(coordinator)).Result.Result.Digest);
        await ReportAsync<WorkerReport.Left>(coordinator);
        await ExpectTerminatedAsync(worker);
    }

    [Fact]
    public async Task When_its_grace_is_over_it_hands_its_shard_back()
    {
        using var gate = new Gate(reachRows: 3);
        var (worker, coordinator) = await EmployAsync(gate.Options with { Grace = Soon });
        await WatchAsync(worker);
        await AssignAsync(coordinator, worker, 3, attempt: 2);
        await gate.ReachedAsync();
        worker.Tell(WorkerActor.Stop.Instance);
        gate.OpenWhenStopped();
        var returned = await ReportAsync<WorkerReport.Returned>(coordinator);
        Assert.Equal((RunId, "w/1", 3, Plan.Shards[3].Id, 2), (returned.RunId, returned.Worker, returned.Shard, returned.ShardId, returned.Attempt));
        await ReportAsync<WorkerReport.Left>(coordinator);
        await ExpectTerminatedAsync(worker);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_and_messages_for_others_change_nothing()
    {
        var (worker, coordinator) = await EmployAsync();
        worker.Tell(new CommandFrame([1, 2, 3]), coordinator);
        Tell(coordinator, worker, new WorkerCommand.Release(RunId, "w/9", "not you"));
        Tell(coordinator, worker, new WorkerCommand.Release("run-9", "w/1", "not here"));
        Tell(coordinator, worker, new WorkerCommand.Abandon(RunId, "w/1", 0));
        await AssignAsync(coordinator, worker, 1);
        await ReportAsync<WorkerReport.Finished>(coordinator);
        Assert.Single(Events.OfType<RunEvent.MessageRefused>());
        Assert.Empty(Events.OfType<RunEvent.RunLeft>());
    }

    private IActorRef Hire(TestProbe singleton, WorkerOptions options)
    {
        var onEvent = options.OnEvent;
        var told = options with
        {
            OnEvent = e =>
            {
                Events.Enqueue(e);
                onEvent(e);
            },
        };
        return Sys.ActorOf(Props.Create(() => new WorkerActor(told, NewLink(b => new ReportFrame(b)), singleton.Ref)));
    }

    /// <summary>A worker that has asked for its first shard.</summary>
    private async Task<(IActorRef Worker, TestProbe Coordinator)> EmployAsync(WorkerOptions? options = null, TestProbe? singleton = null)
    {
        singleton ??= CreateTestProbe();
        var worker = Hire(singleton, options ?? new WorkerOptions("w/1") { JoinInterval = Never, RequestInterval = Never });
        await ReportAsync<WorkerReport.Joined>(singleton);
        var coordinator = CreateTestProbe();
        Tell(coordinator, worker, Describe());
        Assert.Equal(1, (await ReportAsync<WorkerReport.Requested>(coordinator)).Number);
        _requests = 1;
        return (worker, coordinator);
    }

    private long _requests;

    private Task<long> AssignAsync(TestProbe coordinator, IActorRef worker, int shard, string name = "w/1", int attempt = 1)
    {
        long request = name == "w/1" ? _requests++ : 1;
        Tell(coordinator, worker, new WorkerCommand.Assign(RunId, name, new ShardAssignment(Plan.Shards[shard], attempt, request)));
        return Task.FromResult(request);
    }

    /// <summary>The first join under another name than the first.</summary>
    private async Task<WorkerReport.Joined> RenamedAsync(TestProbe singleton)
    {
        WorkerReport.Joined joined;
        do
        {
            joined = await ReportAsync<WorkerReport.Joined>(singleton);
        }
        while (joined.Worker == "w/1");
        return joined;
    }

    private static WorkerCommand.Run Describe(string run = RunId, string worker = "w/1", RunPlan? plan = null) =>
        new(run, worker, ProgramVersion.Current, WireRuns.Write(run, plan ?? Plan));

    /// <summary>Holds a shard up in the middle.</summary>
    private sealed class Gate(long reachRows) : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();
        private volatile bool _onlyWhenStopped;

        public WorkerOptions Options => new("w/1")
        {
            JoinInterval = Never,
            RequestInterval = Never,
            OnTile = Wait,
            OnEvent = e =>
            {
                if (e is RunEvent.ShardDone)
                {
                    _ended.TrySetResult();
                }
            },
        };

        public Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public Task EndedAsync() => _ended.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public void Open() => _open.Set();

        public void OpenWhenStopped()
        {
            _onlyWhenStopped = true;
            _open.Set();
        }

        public void Dispose() => _open.Dispose();

        private void Wait(ShardJob job)
        {
            if (job.Rows < reachRows || _ended.Task.IsCompleted)
            {
                return;
            }

            _reached.TrySetResult();
            if (!_open.Wait(TimeSpan.FromSeconds(20)))
            {
                throw new TimeoutException("the test never opened the gate");
            }

            var deadline = DateTime.UtcNow.AddSeconds(20);
            while (_onlyWhenStopped && !job.IsStopped)
            {
                if (DateTime.UtcNow > deadline)
                {
                    throw new TimeoutException("the worker did not stop the shard");
                }

                Thread.Yield();
            }
        }
    }
}
