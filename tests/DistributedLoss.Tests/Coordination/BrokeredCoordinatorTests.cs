using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

/// <summary>Runs whose shards a broker hands out.</summary>
public sealed class BrokeredCoordinatorTests
{
    private readonly CoordinatorDriver _run = new(CoordinatorDriver.Plan(4), new CoordinatorOptions { IsBrokered = true });

    private IEnumerable<int> Offers => _run.Last.OfType<Output.Offer>().Select(o => o.Shard);

    public BrokeredCoordinatorTests()
    {
        _run.Tell(new Input.BrokerReady());
        Assert.Equal([0, 1, 2, 3], Offers);
    }

    [Fact]
    public void The_run_completes_when_every_shard_is_settled_whoever_took_it()
    {
        for (int shard = 3; shard >= 0; shard--)
        {
            Take("a", shard);
            Assert.Contains(_run.Events, e => e is RunEvent.ShardAssigned { Worker: "a" } assigned && assigned.Shard == shard);
            _run.Finish("a", shard);
        }

        Assert.Single(_run.Last.OfType<Output.Completed>());
        Assert.Equal(40, _run.Ledger.Totals.Rows.Evaluated);
        Assert.Equal(0, _run.Coordinator.Retried);
    }

    [Fact]
    public void A_result_counts_when_the_news_that_it_was_taken_never_came()
    {
        _run.Finish("unheard-of", 0);
        Assert.Equal(10, _run.Ledger.Totals.Rows.Evaluated);
    }

    [Fact]
    public void A_broker_that_comes_back_is_offered_what_is_open_and_nothing_else()
    {
        Take("a", 0);
        Take("b", 1);
        _run.Finish("b", 1);
        _run.Tell(new Input.BrokerReady());
        Assert.Equal([0, 2, 3], Offers);
        Assert.All(_run.Last.OfType<Output.Offer>(), o => Assert.Equal(2, o.Attempt));
    }

    [Fact]
    public void A_worker_that_takes_a_settled_shard_is_told_to_drop_it()
    {
        _run.Finish("a", 0);
        Take("b", 0);
        Assert.Equal(new Output.Abandon("b", 0), Assert.Single(_run.Last.OfType<Output.Abandon>()));
    }

    [Fact]
    public void The_shard_of_a_worker_that_is_lost_is_left_to_the_broker()
    {
        Take("a", 0);
        _run.Tell(new Input.WorkerLeft("a", "silent for 20 s"));
        Assert.Empty(Offers);
        Assert.Contains(_run.Events, e => e is RunEvent.ShardRetried { Shard: 0, Worker: "a" });
        Take("b", 0);
        _run.Finish("b", 0);
        Assert.Equal(10, _run.Ledger.Totals.Rows.Evaluated);
    }

    [Fact]
    public void A_shard_that_is_handed_back_is_offered_again_once_and_is_no_failure()
    {
        for (int attempt = 1; attempt <= 20; attempt++)
        {
            Take($"w{attempt}", 0, attempt);
            _run.Tell(new Input.ShardReturned($"w{attempt}", 0, attempt));
            Assert.Equal(new Output.Offer(0, attempt + 1), Assert.Single(_run.Last.OfType<Output.Offer>()));
            _run.Tell(new Input.ShardReturned($"w{attempt}", 0, attempt));
            Assert.Empty(Offers);
        }

        Assert.False(_run.Coordinator.IsOver);
    }

    [Fact]
    public void A_failure_is_offered_again_also_when_its_worker_was_given_up_and_the_third_ends_the_run()
    {
        Take("a", 0);
        _run.Tell(new Input.WorkerLeft("a", "silent"));
        Fail("a", 1);
        Assert.Equal([0], Offers);
        Fail("a", 1);
        Assert.Empty(Offers);
        Take("b", 0, attempt: 2);
        Fail("b", 2);
        Assert.Equal([0], Offers);
        Fail("c", 3);
        Assert.Contains("failed 3 times", Assert.Single(_run.Last.OfType<Output.Failed>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_an_attempt_of_an_earlier_coordinator_is_not_taken_for_one_of_this_ones_attempt_of_that_number()
    {
        Fail("a", 2);
        Assert.Equal([0], Offers);
        Fail("a", 2);
        Assert.Equal([0], Offers);
        Assert.False(_run.Coordinator.IsOver);
    }

    [Fact]
    public void A_shard_that_the_broker_gave_up_ends_the_run_and_names_file_and_row_group()
    {
        _run.Tell(new Input.ShardDead(2, 10));
        var failed = Assert.Single(_run.Last.OfType<Output.Failed>());
        Assert.StartsWith("dump.parquet: row group 2, rows 20 to 29: the broker gave it to workers 10 times", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.BadInput);
    }

    [Fact]
    public void A_dead_letter_of_a_settled_shard_is_nothing()
    {
        _run.Finish("a", 2);
        _run.Tell(new Input.ShardDead(2, 10));
        Assert.False(_run.Coordinator.IsOver);
    }

    [Fact]
    public void A_straggler_is_offered_once_more_when_nothing_waits_and_a_worker_is_idle()
    {
        Take("a", 0);
        Take("b", 1);
        _run.Finish("b", 1);
        _run.Now = TimeSpan.FromSeconds(2);
        _run.Tell(new Input.Tick());
        Assert.Empty(Offers);
        foreach (int shard in (int[])[2, 3])
        {
            Take("b", shard);
            _run.Finish("b", shard);
        }

        _run.Now = TimeSpan.FromSeconds(2.1);
        _run.Tell(new Input.Tick());
        Assert.Equal([0], Offers);
        Assert.Contains(_run.Events, e => e is RunEvent.ShardSpeculated { Shard: 0, Straggler: "a", Worker: "b" });
        _run.Tell(new Input.Tick());
        Assert.Empty(Offers);
        Take("b", 0, attempt: 2);
        _run.Finish("b", 0);
        Assert.Contains(new Output.Abandon("a", 0), _run.Last);
        Assert.Single(_run.Last.OfType<Output.Completed>());
    }

    [Fact]
    public void What_nobody_was_heard_to_take_is_offered_again_when_a_worker_has_been_idle_for_long()
    {
        foreach (int shard in (int[])[0, 1, 2])
        {
            Take("a", shard);
            _run.Finish("a", shard);
        }

        // The fourth is at hand with a worker that is busy, or stuck: the broker would have given it to the idle one.
        _run.Now = TimeSpan.FromSeconds(2);
        _run.Tell(new Input.Tick());
        Assert.Empty(Offers);
        _run.Now = TimeSpan.FromSeconds(2.1);
        _run.Tell(new Input.Tick());
        Assert.Equal([3], Offers);
        Assert.Contains(_run.Events, e => e is RunEvent.ShardSpeculated { Shard: 3, Straggler: "unknown", Worker: "a" });
        _run.Tell(new Input.Tick());
        Assert.Empty(Offers);
        _run.Now = TimeSpan.FromSeconds(4.2);
        _run.Tell(new Input.Tick());
        Assert.Equal([3], Offers);
    }

    [Fact]
    public void While_much_is_open_what_was_not_heard_to_be_taken_is_left_to_the_broker()
    {
        _run.Join("a");
        _run.Now = TimeSpan.FromHours(1);
        _run.Tell(new Input.Tick());
        Assert.Empty(Offers);
    }

    [Fact]
    public void Bad_data_end_the_run_when_every_shard_ahead_is_settled_and_those_behind_are_dropped()
    {
        Take("a", 2);
        _run.Fail("a", 2, "row 21: NaN", deterministic: true);
        Assert.False(_run.Coordinator.IsOver);
        Take("a", 3);
        Assert.Contains(new Output.Abandon("a", 3), _run.Last);
        _run.Finish("b", 0);
        _run.Finish("b", 1);
        Assert.Equal(new Output.Failed("row 21: NaN", BadInput: true), Assert.Single(_run.Last.OfType<Output.Failed>()));
    }

    [Fact]
    public void Offers_end_with_the_run()
    {
        _run.Tell(new Input.Cancel());
        _run.Tell(new Input.BrokerReady());
        Assert.Empty(Offers);
        Take("a", 0);
        Assert.Equal([new Output.Release("a")], _run.Last);
    }

    private void Take(string worker, int shard, int attempt = 1) => _run.Tell(new Input.ShardTaken(worker, shard, attempt));

    private void Fail(string worker, int attempt) =>
        _run.Tell(new Input.ShardFailed(worker, 0, attempt, new ShardFailure("disk error", Deterministic: false)));
}
