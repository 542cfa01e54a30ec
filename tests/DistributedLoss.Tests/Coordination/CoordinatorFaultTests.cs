using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

/// <summary>Messages that come twice, late or never, workers that are stuck, and results that contradict.</summary>
public sealed class CoordinatorFaultTests
{
    [Fact]
    public void A_late_copy_of_a_request_does_not_take_the_shard_away()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2));
        run.Tell(new Input.WorkRequested("a", 1));
        Assert.Equal([new Output.Assign("a", 0, 1, 1)], run.Last.OfType<Output.Assign>());
        run.Tell(new Input.WorkRequested("a", 1));
        Assert.Empty(run.Last);
    }

    [Fact]
    public void What_a_worker_said_before_it_left_does_not_bring_it_back()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        run.Join("a");
        run.Tell(new Input.WorkerLeft("a", "lost"));
        run.Tell(new Input.WorkRequested("a", 1));
        Assert.Equal([new Output.Release("a")], run.Last);
        run.Tell(new Input.WorkerLeft("b", "lost"));
        run.Join("b");
        Assert.Equal([new Output.Release("b")], run.Last);
        Assert.Equal(("c", 0), run.Request("c"));
    }

    [Fact]
    public void The_late_result_of_a_worker_that_left_counts()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        run.Request("a");
        run.Tell(new Input.WorkerLeft("a", "lost"));
        run.Finish("a", 0);
        Assert.Single(run.Last.OfType<Output.Completed>());
    }

    [Fact]
    public void A_failure_that_comes_twice_or_from_a_worker_that_was_given_up_counts_once()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1), new CoordinatorOptions { MaxFailures = 2 });
        run.Request("a");
        run.Fail("a", 0);
        run.Fail("a", 0);
        Assert.False(run.Coordinator.IsOver);
        Assert.Equal(("b", 0), run.Request("b"));
        run.Tell(new Input.WorkerLeft("b", "lost"));
        run.Fail("b", 0);
        Assert.False(run.Coordinator.IsOver);
        Assert.Equal(("c", 0), run.Request("c"));
        run.Fail("c", 0);
        Assert.Single(run.Last.OfType<Output.Failed>());
    }

    [Fact]
    public void A_failure_that_the_next_request_overtook_counts()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1), new CoordinatorOptions { MaxFailures = 2 });
        run.Request("a");
        Assert.Equal(("a", 0), run.Request("a"));
        run.Tell(new Input.ShardFailed("a", 0, 1, new ShardFailure("disk error", Deterministic: false)));
        Assert.False(run.Coordinator.IsOver);
        Assert.Empty(run.Assignments);
        run.Tell(new Input.ShardFailed("a", 0, 2, new ShardFailure("disk error", Deterministic: false)));
        Assert.Contains("failed 2 times", Assert.Single(run.Last.OfType<Output.Failed>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asked_last_is_served_first()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        run.Request("a");
        run.Request("b");
        run.Request("c");
        run.Request("b");
        run.Tell(new Input.WorkerLeft("a", "lost"));
        Assert.Equal([("b", 0)], run.Assignments);
    }

    [Fact]
    public void What_goes_wrong_behind_bad_data_does_not_hide_it()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(4), new CoordinatorOptions { MaxLosses = 1, MaxFailures = 1 });
        foreach (string worker in (string[])["a", "b", "c", "d"])
        {
            run.Request(worker);
        }

        run.Fail("b", 1, "second is bad", deterministic: true);
        Assert.Contains(new Output.Abandon("c", 2), run.Last);
        run.Tell(new Input.WorkerLeft("c", "killed"));
        run.Fail("d", 3);
        Assert.False(run.Coordinator.IsOver);
        run.Finish("a", 0);
        Assert.Equal(new Output.Failed("second is bad", BadInput: true), Assert.Single(run.Last.OfType<Output.Failed>()));
    }

    [Fact]
    public void A_shard_that_was_found_bad_is_not_retried_for_its_second_worker()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2), new CoordinatorOptions { StragglerUnmeasured = TimeSpan.FromSeconds(0.7) });
        run.Request("a");
        run.Now = TimeSpan.FromSeconds(1);
        run.Request("b");
        Assert.Equal(("c", 0), run.Request("c"));
        run.Now = TimeSpan.FromSeconds(2);
        Assert.Equal(("d", 1), run.Request("d"));
        run.Fail("d", 1, "second is bad", deterministic: true);
        run.Tell(new Input.WorkerLeft("b", "killed"));
        Assert.Null(run.Request("d"));
        Assert.Equal(0, run.Coordinator.Retried);
    }

    [Fact]
    public void A_failed_shard_that_no_other_worker_takes_goes_back_to_the_one_that_failed_it()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2), new CoordinatorOptions { RetryElsewhere = TimeSpan.FromSeconds(2) });
        run.Request("a");
        run.Request("stuck");
        run.Fail("a", 0);
        Assert.Null(run.Request("a"));
        run.Now = TimeSpan.FromSeconds(2.1);
        run.Tell(new Input.Tick());
        Assert.Equal([("a", 0)], run.Assignments);
    }

    [Fact]
    public void A_stuck_worker_is_a_straggler_also_when_no_shard_is_finished_and_bad_data_wait_for_its_shard()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2), new CoordinatorOptions { StragglerUnmeasured = TimeSpan.FromSeconds(60) });
        run.Request("stuck");
        run.Request("b");
        run.Fail("b", 1, "second is bad", deterministic: true);
        Assert.Null(run.Request("b"));
        run.Now = TimeSpan.FromSeconds(61);
        run.Tell(new Input.Tick());
        Assert.Equal([("b", 0)], run.Assignments);
    }

    [Fact]
    public void A_shard_on_which_a_second_worker_hangs_too_is_given_to_a_third_after_three_times_the_limit()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1), new CoordinatorOptions { StragglerUnmeasured = TimeSpan.FromSeconds(60) });
        run.Request("a");
        run.Request("b");
        run.Request("c");
        run.Now = TimeSpan.FromSeconds(61);
        run.Tell(new Input.Tick());
        Assert.Equal([("c", 0)], run.Assignments);
        run.Now = TimeSpan.FromSeconds(180);
        run.Tell(new Input.Tick());
        Assert.Empty(run.Assignments);
        run.Now = TimeSpan.FromSeconds(181);
        run.Tell(new Input.Tick());
        Assert.Equal([("b", 0)], run.Assignments);
        Assert.Equal(2, run.Coordinator.Speculated);
        run.Finish("b", 0);
        Assert.Equal([new Output.Abandon("a", 0), new Output.Abandon("c", 0)], run.Last.OfType<Output.Abandon>().Take(2));
    }

    [Fact]
    public void A_result_that_does_not_account_for_every_row_ends_the_run()
    {
        var plan = CoordinatorDriver.Plan(1);
        var run = new CoordinatorDriver(plan);
        run.Request("a");
        var totals = plan.NewTotals();
        totals.Rows.Evaluated = 8;
        totals.Rows.Ignored = 1;
        run.Tell(new Input.ShardFinished("a", new ShardResult(0, CoordinatorDriver.Digest("d"), totals, TimeSpan.Zero, 100)));
        var failed = Assert.Single(run.Last.OfType<Output.Failed>());
        Assert.Contains("9 of its 10 rows", failed.Message, StringComparison.Ordinal);
        Assert.Equal((false, 0), (failed.BadInput, run.Ledger.Settled));
    }

    [Fact]
    public void Data_that_are_bad_to_one_worker_and_good_to_another_are_a_fault_and_not_bad_input()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2));
        run.Request("a");
        run.Finish("a", 0);
        run.Fail("b", 0, "a checksum is wrong", deterministic: true);
        var failed = Assert.Single(run.Last.OfType<Output.Failed>());
        Assert.Contains("a checksum is wrong", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.BadInput);
    }

    [Fact]
    public void A_plan_without_shards_completes_also_without_workers()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(0));
        run.Tell(new Input.Tick());
        Assert.Single(run.Last.OfType<Output.Completed>());
    }

    [Fact]
    public void Rows_that_an_earlier_run_settled_are_done_but_say_nothing_of_the_rate()
    {
        var plan = CoordinatorDriver.Plan(4);
        var totals = plan.NewTotals();
        totals.Rows.Evaluated = 10;
        var ledger = new RunLedger(4, plan.NewTotals);
        ledger.Settle(new ShardResult(2, CoordinatorDriver.Digest("d"), totals, TimeSpan.FromHours(1), 100));
        var coordinator = new Coordinator(plan, ledger, new CoordinatorOptions());
        coordinator.Handle(new Input.WorkRequested("a", 1), TimeSpan.Zero);
        coordinator.Handle(new Input.ShardProgressed("a", 0, 5), TimeSpan.Zero);
        var progress = coordinator.Snapshot(TimeSpan.FromSeconds(5));
        Assert.Equal([new WorkerProgress("a", 0, 5)], progress.Busy);
        Assert.Equal((15, 10, 1.0, TimeSpan.FromSeconds(25)), (progress.RowsDone, progress.RowsResumed, progress.RowsPerSecond, progress.Remaining));
    }

    [Fact]
    public void A_time_left_of_millions_of_years_can_be_told()
    {
        var small = CoordinatorDriver.Plan(1);
        var plan = small with { Shards = [small.Shards[0] with { Rows = long.MaxValue }] };
        var run = new CoordinatorDriver(plan);
        run.Request("a");
        run.Tell(new Input.ShardProgressed("a", 0, 1));
        Assert.True(run.Coordinator.Snapshot(TimeSpan.FromHours(1)).Remaining > TimeSpan.FromDays(36500));
    }
}
