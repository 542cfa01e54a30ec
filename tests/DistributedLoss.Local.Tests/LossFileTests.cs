using System.Collections.Concurrent;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Losses;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Local.Tests;

/// <summary>The losses of all rows, as an engine's workers tell them.</summary>
public sealed class LossFileTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("dloss-local-losses-").FullName;

    public LossFileTests() => SyntheticDump.Write(
        Path.Combine(_folder, "dump.parquet"), new SyntheticOptions { Rows = 5000, Classes = 7, RowGroupRows = 1200, PageBytes = 2000 });

    private string Out => Path.Combine(_folder, "out.parquet");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_bytes_are_the_same_for_any_number_of_workers_and_any_shards()
    {
        byte[] one = await WrittenAsync(new LocalEngineOptions { Workers = 1 }, shardBytes: 32 << 20);
        foreach (int workers in (int[])[1, 2, 7])
        {
            foreach (long shardBytes in (long[])[1, 10_000])
            {
                Assert.Equal(one, await WrittenAsync(new LocalEngineOptions { Workers = workers }, shardBytes));
            }
        }
    }

    [Fact]
    public async Task Workers_killed_in_mid_shard_and_errors_of_the_disk_change_no_byte()
    {
        byte[] one = await WrittenAsync(new LocalEngineOptions { Workers = 1 });
        // Each shard fails once: three times would fail the run.
        var failed = new ConcurrentDictionary<int, bool>();
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, shard, rows) =>
            {
                if (rows > 0 && shard < 3 && failed.TryAdd(shard, true))
                {
                    throw shard < 2 ? new InvalidOperationException("killed by the test") : new IOException("the disk is tired");
                }
            },
        };
        Assert.Equal(one, await WrittenAsync(options));
        Assert.Equal([0, 1, 2], failed.Keys.Order());
    }

    [Fact]
    public async Task A_shard_executed_twice_is_written_once()
    {
        byte[] one = await WrittenAsync(new LocalEngineOptions { Workers = 1 });
        using var second = new ManualResetEventSlim();
        int runners = 0;
        var options = new LocalEngineOptions
        {
            Workers = 2,
            Coordinator = new CoordinatorOptions { StragglerUnmeasured = TimeSpan.Zero, StragglerMinimum = TimeSpan.Zero, StragglerFactor = 0 },
            OnShardProgress = (_, shard, rows) =>
            {
                // The first waits for the second, and then both are at it.
                if (shard != 0 || rows != 0)
                {
                    return;
                }

                if (Interlocked.Increment(ref runners) == 1)
                {
                    Assert.True(second.Wait(Deadline), "the first shard was never given to a second worker");
                }
                else
                {
                    second.Set();
                }
            },
        };
        var events = new List<RunEvent>();
        Assert.Equal(one, await WrittenAsync(options, onEvent: events.Add));
        Assert.Contains(events, e => e is RunEvent.ShardSpeculated { Shard: 0 });
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("fail")]
    public async Task A_run_without_a_result_leaves_no_file(string how)
    {
        using var cancel = new CancellationTokenSource();
        int calls = 0;
        var options = new LocalEngineOptions
        {
            Workers = 3,
            OnShardProgress = (_, shard, _) =>
            {
                if (how == "fail" && shard == 3)
                {
                    throw new BadInputException("the test says so");
                }

                if (how == "cancel" && Interlocked.Increment(ref calls) == 9)
                {
                    cancel.Cancel();
                }
            },
        };
        var outcome = await RunAsync(options, 1, _ => { }, cancel.Token);
        Assert.Equal(how == "fail" ? "Failed" : "Cancelled", outcome.GetType().Name);
        Assert.Equal(["dump.parquet"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_that_goes_away_under_the_run_ends_it()
    {
        int calls = 0;
        var options = new LocalEngineOptions
        {
            Workers = 2,
            OnShardProgress = (_, _, _) =>
            {
                if (Interlocked.Increment(ref calls) == 3)
                {
                    Directory.Move(Directory.GetDirectories(_folder, "*.parts").Single(), Path.Combine(_folder, "elsewhere"));
                }
            },
        };
        // Whoever misses it first says so: a worker whose part cannot be made, or who takes the parts.
        try
        {
            var failed = Assert.IsType<RunOutcome.Failed>(await RunAsync(options, 1, _ => { }, CancellationToken.None));
            Assert.False(failed.BadInput);
        }
        catch (IOException e)
        {
            Assert.Contains(".parts", e.Message, StringComparison.Ordinal);
        }
    }

    private async Task<byte[]> WrittenAsync(LocalEngineOptions options, long shardBytes = 1, Action<RunEvent>? onEvent = null)
    {
        Assert.IsType<RunOutcome.Completed>(await RunAsync(options, shardBytes, onEvent ?? (_ => { }), CancellationToken.None));
        Assert.Equal(["dump.parquet", "out.parquet"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order());
        byte[] bytes = await File.ReadAllBytesAsync(Out);
        File.Delete(Out);
        return bytes;
    }

    private async Task<RunOutcome> RunAsync(LocalEngineOptions options, long shardBytes, Action<RunEvent> onEvent, CancellationToken cancel)
    {
        var planned = RunPlan.Create([Path.Combine(_folder, "dump.parquet")], new EvaluationOptions(), new PlanOptions { ShardBytes = shardBytes }, CancellationToken.None);
        var plan = planned with { TileRows = 64 };
        using var losses = new LossFile(Out);
        losses.Begin(plan);
        var outcome = await new LocalEngine(options with { Losses = losses }).RunAsync(plan, onEvent, null, cancel).WaitAsync(Deadline, CancellationToken.None);
        if (outcome is RunOutcome.Completed)
        {
            losses.Commit();
        }

        return outcome;
    }
}
