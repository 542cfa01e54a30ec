using DistributedLoss.Coordination;
using DistributedLoss.Runs;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

public sealed class CoordinatorTests
{
    private static readonly RunPlan FourShards = CoordinatorDriver.Plan(4);

    [Fact]
    public void Every_shard_is_assigned_once_and_the_run_completes_when_all_are_settled()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        run.Join("b");
        Assert.Equal(("a", 0), run.Request("a"));
        Assert.Equal(("b", 1), run.Request("b"));
        run.Finish("a", 0);
        Assert.Equal(("a", 2), run.Request("a"));
        run.Finish("b", 1);
        Assert.Equal(("b", 3), run.Request("b"));
        run.Finish("b", 3);
        Assert.Null(run.Request("b"));
        Assert.False(run.Coordinator.IsOver);
        run.Finish("a", 2);
        Assert.Single(run.Last.OfType<Output.Completed>());
        Assert.Equal(["a", "b"], run.Last.OfType<Output.Release>().Select(r => r.Worker).Order());
        Assert.Equal(40, run.Ledger.Totals.Rows.Evaluated);
    }

    [Fact]
    public void A_result_that_comes_twice_counts_once()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        run.Request("a");
        run.Finish("a", 0);
        run.Finish("a", 0);
        Assert.Equal(10, run.Ledger.Totals.Rows.Evaluated);
        Assert.Equal(1, run.Coordinator.Duplicates);
        Assert.Contains(run.Events, e => e is RunEvent.ShardDuplicated { Shard: 0 });
        Assert.Empty(run.Last.OfType<Output.Journal>());
    }

    [Fact]
    public void Two_results_for_one_shard_that_differ_end_the_run()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        run.Request("a");
        run.Finish("a", 0);
        run.Finish("a", 0, digest: "other");
        var failed = Assert.Single(run.Last.OfType<Output.Failed>());
        Assert.Contains("shard 0", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.BadInput);
    }

    [Fact]
    public void The_shard_of_a_worker_that_left_goes_to_another()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        run.Join("b");
        run.Request("a");
        run.Tell(new Input.WorkerLeft("a", "killed"));
        Assert.Equal(("b", 0), run.Request("b"));
        Assert.Equal(1, run.Coordinator.Retried);
        Assert.Contains(run.Events, e => e is RunEvent.ShardRetried { Shard: 0, Worker: "a", Attempt: 1 });
    }

    [Fact]
    public void A_waiting_worker_is_served_as_soon_as_a_shard_comes_back()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        run.Join("a");
        run.Join("b");
        run.Request("a");
        Assert.Null(run.Request("b"));
        run.Tell(new Input.WorkerLeft("a", "killed"));
        Assert.Equal([("b", 0)], run.Assignments);
    }

    [Fact]
    public void A_failed_shard_is_retried_on_another_worker_and_three_failures_end_the_run()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        foreach (string worker in (string[])["a", "b", "c"])
        {
            run.Join(worker);
        }

        run.Request("a");
        run.Fail("a", 0);
        Assert.Null(run.Request("a"));
        Assert.Equal(("b", 0), run.Request("b"));
        run.Fail("b", 0);
        Assert.Equal(("c", 0), run.Request("c"));
        run.Fail("c", 0);
        var failed = Assert.Single(run.Last.OfType<Output.Failed>());
        Assert.Contains("3 times", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.BadInput);
    }

    [Fact]
    public void The_only_worker_gets_a_shard_again_that_it_failed()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1));
        run.Join("a");
        run.Request("a");
        run.Fail("a", 0);
        Assert.Equal(("a", 0), run.Request("a"));
    }

    [Fact]
    public void Bad_data_is_not_retried_and_the_first_in_file_order_is_reported()
    {
        var run = new CoordinatorDriver(FourShards);
        foreach (string worker in (string[])["a", "b", "c"])
        {
            run.Join(worker);
            run.Request(worker);
        }

        run.Fail("c", 2, "third is bad", deterministic: true);
        Assert.False(run.Coordinator.IsOver);
        Assert.Null(run.Request("c"));
        run.Fail("b", 1, "second is bad", deterministic: true);
        Assert.False(run.Coordinator.IsOver);
        run.Finish("a", 0);
        Assert.Equal(new Output.Failed("second is bad", BadInput: true), Assert.Single(run.Last.OfType<Output.Failed>()));
    }

    [Fact]
    public void A_shard_that_outlives_too_many_workers_ends_the_run()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(1), new CoordinatorOptions { MaxLosses = 2 });
        run.Join("a");
        run.Request("a");
        run.Tell(new Input.WorkerLeft("a", "out of memory"));
        Assert.False(run.Coordinator.IsOver);
        run.Join("b");
        run.Request("b");
        run.Tell(new Input.WorkerLeft("b", "out of memory"));
        Assert.Contains("out of memory", Assert.Single(run.Last.OfType<Output.Failed>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_idle_worker_also_gets_a_stragglers_shard_and_the_first_result_counts()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2), new CoordinatorOptions { StragglerFactor = 2, StragglerMinimum = TimeSpan.FromSeconds(3) });
        run.Join("a");
        run.Join("b");
        run.Request("a");
        run.Request("b");
        run.Finish("b", 1);
        run.Now = TimeSpan.FromSeconds(2.9);
        Assert.Null(run.Request("b"));
        run.Now = TimeSpan.FromSeconds(3.1);
        run.Tell(new Input.Tick());
        Assert.Equal([("b", 0)], run.Assignments);
        Assert.Equal(1, run.Coordinator.Speculated);
        run.Finish("b", 0);
        Assert.Contains(new Output.Abandon("a", 0), run.Last);
        Assert.Single(run.Last.OfType<Output.Completed>());
    }

    [Fact]
    public void Without_an_idle_worker_a_straggler_is_left_alone()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(2));
        run.Join("a");
        run.Request("a");
        run.Now = TimeSpan.FromHours(1);
        run.Tell(new Input.Tick());
        Assert.Empty(run.Assignments);
    }

    [Fact]
    public void A_worker_that_asks_while_it_holds_a_shard_loses_it_and_the_shard_is_not_lost()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        Assert.Equal(("a", 0), run.Request("a"));
        Assert.Equal(("a", 0), run.Request("a"));
    }

    [Fact]
    public void Cancelling_stops_all_workers_and_says_how_far_the_run_came()
    {
        var run = new CoordinatorDriver(FourShards);
        run.Join("a");
        run.Request("a");
        run.Finish("a", 0);
        run.Request("a");
        run.Tell(new Input.ShardProgressed("a", 1, 5));
        run.Tell(new Input.Cancel());
        var progress = Assert.Single(run.Last.OfType<Output.Cancelled>()).Progress;
        Assert.Equal((1, 4, 15, 40), (progress.ShardsDone, progress.Shards, progress.RowsDone, progress.Rows));
        Assert.Contains(new Output.Abandon("a", 1), run.Last);
        Assert.Contains(new Output.Release("a"), run.Last);
        run.Finish("a", 1);
        Assert.Equal(10, run.Ledger.Totals.Rows.Evaluated);
    }

    [Fact]
    public void Progress_is_told_once_an_interval_with_rate_and_time_left()
    {
        var run = new CoordinatorDriver(FourShards, new CoordinatorOptions { ProgressInterval = TimeSpan.FromSeconds(5) });
        run.Join("a");
        run.Request("a");
        run.Finish("a", 0);
        foreach (int second in (int[])[1, 4, 5, 6, 9, 10])
        {
            run.Now = TimeSpan.FromSeconds(second);
            run.Tell(new Input.Tick());
        }

        var progress = run.Events.OfType<RunEvent.Progress>().Select(p => p.Snapshot).ToArray();
        Assert.Equal([5.0, 10.0], progress.Select(p => p.Elapsed.TotalSeconds));
        Assert.Equal((2.0, TimeSpan.FromSeconds(15)), (progress[0].RowsPerSecond, progress[0].Remaining));
        Assert.Equal(0.5, progress[0].MeanLoss);
    }

    [Fact]
    public void Progress_has_the_interval_of_the_mean_so_far_the_accuracy_and_the_logits_of_a_row()
    {
        var plan = CoordinatorDriver.Plan(2);
        var run = new CoordinatorDriver(plan);
        run.Request("a");
        var before = run.Coordinator.Snapshot(TimeSpan.FromSeconds(1));
        Assert.Equal((null, null, null), (before.MeanInterval95, before.LogitsPerRow, before.Top1));
        var totals = plan.NewTotals();
        for (int loss = 1; loss <= 10; loss++)
        {
            totals.Rows.Evaluated++;
            totals.Losses.Add(loss);
            totals.Ranks.Add(loss <= 3 ? 1 : 2);
        }

        run.Tell(new Input.ShardFinished("a", new ShardResult(0, CoordinatorDriver.Digest("a"), totals, TimeSpan.FromSeconds(1), 100)));
        var after = run.Coordinator.Snapshot(TimeSpan.FromSeconds(2));
        // scipy.stats.sem and norm.ppf(0.975) of 1 to 10.
        Assert.Equal(5.5, after.MeanLoss);
        Assert.Equal(3.623477350975228, after.MeanInterval95!.Value.Low, 1e-14);
        Assert.Equal(7.376522649024772, after.MeanInterval95.Value.High, 1e-14);
        Assert.Equal((3.0, 0.3), (after.LogitsPerRow, after.Top1));
    }

    [Fact]
    public void A_plan_without_shards_completes_at_once()
    {
        var run = new CoordinatorDriver(CoordinatorDriver.Plan(0));
        run.Join("a");
        Assert.Single(run.Last.OfType<Output.Completed>());
    }
}
