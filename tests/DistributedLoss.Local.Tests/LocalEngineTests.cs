using System.Collections.Concurrent;
using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Local.Tests;

public sealed class LocalEngineTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static readonly string[] Dump = [Repository.Fixture("coarse/duckdb_list_none.parquet"), Repository.Fixture("coarse/arrow_list_v1_pages_groups.parquet")];

    private static readonly Lazy<Task<string>> OneWorkerDigest = new(async () => (await CompleteAsync(new LocalEngineOptions { Workers = 1 })).Digest);

    [Fact]
    public async Task The_mean_is_that_of_the_reference()
    {
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("expected.json")));
        // The same rows twice have the mean of once.
        double mean = expected.RootElement.GetProperty("coarse").GetProperty("mean").GetDouble();
        var result = await CompleteAsync(new LocalEngineOptions { Workers = 2 });
        Assert.InRange(result.Loss.Mean!.Value, double.BitDecrement(mean), double.BitIncrement(mean));
        Assert.Equal((640, 640, 640), (result.Rows.Total, result.Rows.Evaluated, result.Loss.Denominator));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    public async Task The_digest_is_the_same_for_any_number_of_workers(int workers) =>
        Assert.Equal(await OneWorkerDigest.Value, (await CompleteAsync(new LocalEngineOptions { Workers = workers })).Digest);

    [Fact]
    public async Task A_worker_killed_in_mid_shard_is_replaced_and_changes_no_bit()
    {
        // Three shards, as one that fails so often fails the run. Nobody goes on before all are there who are to come, however late they are.
        var killed = new HashSet<int>();
        using var joined = new CountdownEvent(2);
        using var replaced = new CountdownEvent(5);
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, shard, rows) =>
            {
                Assert.True(joined.Wait(Deadline), "the second worker never joined");
                bool isOver;
                lock (killed)
                {
                    if (rows > 0 && killed.Count < 3 && killed.Add(shard))
                    {
                        throw new InvalidOperationException("killed by the test");
                    }

                    isOver = killed.Count == 3;
                }

                Assert.True(!isOver || replaced.Wait(Deadline), "a worker was not replaced");
            },
        };
        var events = new List<RunEvent>();
        void Listen(RunEvent e)
        {
            events.Add(e);
            if (e is RunEvent.WorkerJoined)
            {
                replaced.Signal();
                if (!joined.IsSet)
                {
                    joined.Signal();
                }
            }
        }

        var result = await CompleteAsync(options, Listen, tileRows: 8);
        Assert.Equal(await OneWorkerDigest.Value, result.Digest);
        Assert.Equal(3, events.OfType<RunEvent.WorkerLeft>().Count(e => e.Reason.Contains("killed by the test", StringComparison.Ordinal)));
        Assert.Equal(5, events.OfType<RunEvent.WorkerJoined>().Count());
        Assert.Equal(3, result.Shards.Retried);
    }

    [Fact]
    public async Task A_shard_that_kills_every_worker_fails_the_run_with_its_place()
    {
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, shard, _) =>
            {
                if (shard == 1)
                {
                    throw new InvalidOperationException("poison");
                }
            },
        };
        var failed = Assert.IsType<RunOutcome.Failed>(await RunAsync(options));
        Assert.False(failed.BadInput);
        Assert.Contains("row group", failed.Message, StringComparison.Ordinal);
        Assert.Contains("poison", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_error_is_retried()
    {
        int errors = 0;
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, _, _) =>
            {
                if (Interlocked.Increment(ref errors) == 1)
                {
                    throw new IOException("the disk is tired");
                }
            },
        };
        var events = new List<RunEvent>();
        Assert.Equal(await OneWorkerDigest.Value, (await CompleteAsync(options, events.Add)).Digest);
        Assert.Contains("the disk is tired", Assert.Single(events.OfType<RunEvent.ShardRetried>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_in_mid_shard_ends_the_run_and_all_workers()
    {
        using var cancel = new CancellationTokenSource();
        using var reached = new ManualResetEventSlim();
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, shard, _) =>
            {
                if (shard == 2)
                {
                    cancel.Cancel();
                }
            },
        };
        var events = new List<RunEvent>();
        var cancelled = Assert.IsType<RunOutcome.Cancelled>(await RunAsync(options, events.Add, cancel: cancel.Token));
        Assert.InRange(cancelled.Progress.ShardsDone, 0, cancelled.Progress.Shards - 1);

        // On a busy machine the second worker may be late for the run.
        int joined = events.OfType<RunEvent.WorkerJoined>().Count();
        Assert.InRange(joined, 1, 2);
        Assert.Equal(joined, events.OfType<RunEvent.WorkerLeft>().Count(e => e.Reason == "released"));
        Assert.Single(events.OfType<RunEvent.RunCancelled>());
    }

    [Fact]
    public async Task What_a_listener_throws_ends_the_run_and_is_not_swallowed()
    {
        void Listen(RunEvent e)
        {
            if (e is RunEvent.ShardFinished)
            {
                throw new InvalidOperationException("the log is full");
            }
        }

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(new LocalEngineOptions { Workers = 2 }, Listen));
        Assert.Equal("the log is full", e.Message);
    }

    [Fact]
    public async Task Bad_data_are_reported_alike_for_any_number_of_workers()
    {
        string bad = Repository.Fixture("bad/logit_nan.parquet");
        var messages = new HashSet<string>();
        foreach (int workers in (int[])[1, 2, 7])
        {
            var plan = RunPlan.Create([bad, .. Dump], new EvaluationOptions(), new PlanOptions { ShardBytes = 1 });
            var failed = Assert.IsType<RunOutcome.Failed>(await new LocalEngine(new LocalEngineOptions { Workers = workers }).RunAsync(plan, _ => { }));
            Assert.True(failed.BadInput);
            messages.Add(failed.Message);
        }

        Assert.Contains("logit_nan.parquet: row group 0, row ", Assert.Single(messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_disk_that_the_reader_reports_is_retried_and_is_not_bad_input()
    {
        int errors = 0;
        LocalEngineOptions Options(int failures) => new()
        {
            Workers = 2,
            OnShardProgress = (_, shard, _) =>
            {
                if (shard == 1 && Interlocked.Increment(ref errors) <= failures)
                {
                    throw new ParquetException("reading failed", "dump.parquet", inner: new IOException("the disk is tired"));
                }
            },
        };
        Assert.Equal(await OneWorkerDigest.Value, (await CompleteAsync(Options(failures: 2))).Digest);
        errors = 0;
        var failed = Assert.IsType<RunOutcome.Failed>(await RunAsync(Options(failures: 3)));
        Assert.Contains("reading failed", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.BadInput);
    }

    [Fact]
    public async Task A_worker_that_cannot_be_made_ends_the_run()
    {
        var plan = RunPlan.Create(Dump, new EvaluationOptions()) with { TileRows = -1 };
        await Assert.ThrowsAsync<OverflowException>(
            () => new LocalEngine(new LocalEngineOptions { Workers = 2 }).RunAsync(plan, _ => { }).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("crash")]
    [InlineData("bad")]
    [InlineData("cancel")]
    public async Task No_file_is_open_after_a_run_however_it_went(string how)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("dloss-local-").FullName, "dump.parquet");
        File.Copy(how == "bad" ? Repository.Fixture("bad/logit_nan.parquet") : Dump[1], path);
        using var cancel = new CancellationTokenSource();
        int calls = 0;
        var crashed = new ConcurrentDictionary<int, bool>();
        var options = new LocalEngineOptions
        {
            Workers = 3,
            OnShardProgress = (_, shard, _) =>
            {
                if (Interlocked.Increment(ref calls) == 2 && how == "cancel")
                {
                    cancel.Cancel();
                }

                // Once: a shard that fails three times fails the run.
                if (how == "crash" && shard < 4 && crashed.TryAdd(shard, true))
                {
                    throw new InvalidOperationException("killed by the test");
                }
            },
        };
        var plan = RunPlan.Create([path], new EvaluationOptions(), new PlanOptions { ShardBytes = 1 });
        var outcome = await new LocalEngine(options).RunAsync(plan, _ => { }, null, cancel.Token).WaitAsync(Deadline, CancellationToken.None);
        Assert.Equal(how switch { "bad" => "Failed", "cancel" => "Cancelled", _ => "Completed" }, outcome.GetType().Name);
        Assert.Equal(how == "crash" ? Math.Min(4, plan.Shards.Count) : 0, crashed.Count);
        // Refused while any other handle is open, in this process too.
        new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_run_does_not_need_its_callers_thread()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new DeafContext());
        try
        {
            var run = RunAsync(new LocalEngineOptions { Workers = 2 });
            Assert.True(((IAsyncResult)run).AsyncWaitHandle.WaitOne(Deadline), "the run waits for its caller");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private static async Task<Results.EvaluationResult> CompleteAsync(LocalEngineOptions options, Action<RunEvent>? onEvent = null, int tileRows = 4096) =>
        Assert.IsType<RunOutcome.Completed>(await RunAsync(options, onEvent, tileRows)).Result;

    private static Task<RunOutcome> RunAsync(
        LocalEngineOptions options, Action<RunEvent>? onEvent = null, int tileRows = 4096, CancellationToken cancel = default)
    {
        // One byte a shard: every page begins one.
        var plan = RunPlan.Create(Dump, new EvaluationOptions(), new PlanOptions { ShardBytes = 1 }, CancellationToken.None) with { TileRows = tileRows };
        Assert.True(plan.Shards.Count > 4, $"{plan.Shards.Count} shards are too few for this test");
        return new LocalEngine(options).RunAsync(plan, onEvent ?? (_ => { }), null, cancel).WaitAsync(Deadline, CancellationToken.None);
    }

    /// <summary>A caller that is busy and never gets round to what is posted to it.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
