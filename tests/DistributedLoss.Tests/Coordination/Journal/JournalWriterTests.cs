using System.Collections.Concurrent;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Tests.Coordination.Journal;

public sealed class JournalWriterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly Totals _totals = new(new TotalsShape { Classes = 2 });

    [Fact]
    public async Task What_waits_for_a_result_is_done_when_it_is_in_the_file_and_not_before()
    {
        using var run = new KeptRun();
        using var directory = RunDirectory.Open(run.Path, resume: false);
        directory.Begin(run.Plan, run.NewLedger());
        var lines = new ConcurrentQueue<int>();
        using var evaluator = new ShardEvaluator(run.Plan);
        await using (var writer = new JournalWriter(directory, e => Assert.Fail(e.Message)))
        {
            for (int i = 0; i < 10; i++)
            {
                writer.Append(evaluator.Evaluate(run.Plan.Shards[i], run.Plan.NewTotals(), new Patient())!);
                writer.Then(() => lines.Enqueue(Lines(run.Journal)));
            }
        }

        int[] seen = [.. lines];
        Assert.Equal(10, seen.Length);
        Assert.All(seen.Select((count, i) => (count, i)), s => Assert.InRange(s.count, s.i + 1, 10));
        Assert.Equal(10, Lines(run.Journal));
    }

    [Fact]
    public async Task What_arrives_during_a_flush_is_flushed_together_and_done_in_order()
    {
        using var disk = new Disk();
        var done = new ConcurrentQueue<int>();
        var writer = new JournalWriter(disk.Append, e => Assert.Fail(e.Message));
        writer.Append(Result(0));
        disk.AwaitFlush();
        for (int i = 1; i < JournalWriter.MaxWaiting; i++)
        {
            int shard = i;
            writer.Append(Result(i));
            writer.Then(() => done.Enqueue(shard));
        }

        Assert.Empty(done);
        disk.GoOn(2);
        await writer.DisposeAsync();
        Assert.Equal([1, JournalWriter.MaxWaiting - 1], disk.Flushed.Select(b => b.Count));
        Assert.Equal(Enumerable.Range(1, JournalWriter.MaxWaiting - 1), disk.Flushed.Last().Select(r => r.Shard));
        Assert.Equal(Enumerable.Range(1, JournalWriter.MaxWaiting - 1), done);
    }

    [Theory]
    [InlineData(1000, JournalWriter.MaxWaiting)]
    [InlineData(1 << 16, 4)]
    [InlineData(int.MaxValue, 2)]
    public async Task Who_is_ahead_of_the_disk_by_too_many_results_waits_for_it(int classes, int most)
    {
        using var disk = new Disk();
        var writer = new JournalWriter(disk.Append, e => Assert.Fail(e.Message), classes);
        using var full = new ManualResetEventSlim();
        var appending = Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i <= most; i++)
                {
                    if (i == most)
                    {
                        full.Set();
                    }

                    writer.Append(Result(i));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        disk.AwaitFlush();
        Assert.True(full.Wait(Deadline));
        Assert.False(appending.IsCompleted);
        disk.GoOn(3);
        await appending.WaitAsync(Deadline);
        await writer.DisposeAsync();
        Assert.Equal(most + 1, disk.Flushed.Sum(b => b.Count));
    }

    [Fact]
    public async Task A_disk_that_fails_is_told_once_and_nothing_is_done_that_waited_for_it()
    {
        var failures = new ConcurrentQueue<Exception>();
        var full = new IOException("full");
        int appends = 0;
        var writer = new JournalWriter(
            _ =>
            {
                appends++;
                throw full;
            },
            failures.Enqueue);
        writer.Append(Result(0));
        writer.Then(() => Assert.Fail("it was not kept"));

        // Nor does the coordinator wait for a disk that will not come back.
        for (int i = 0; i < 3 * JournalWriter.MaxWaiting; i++)
        {
            writer.Append(Result(i));
            writer.Then(() => Assert.Fail("it was not kept"));
        }

        await writer.DisposeAsync();
        Assert.Same(full, Assert.Single(failures));
        Assert.Equal(1, appends);
    }

    [Fact]
    public async Task What_an_action_throws_is_told_too()
    {
        var failures = new ConcurrentQueue<Exception>();
        var writer = new JournalWriter(_ => { }, failures.Enqueue);
        writer.Then(() => throw new InvalidOperationException("listener"));
        await writer.DisposeAsync();
        Assert.Equal("listener", Assert.Single(failures).Message);
    }

    [Fact]
    public async Task Without_a_directory_everything_is_done_at_once()
    {
        var writer = new JournalWriter(directory: null, e => Assert.Fail(e.Message));
        int thread = 0;
        writer.Append(Result(0));
        writer.Then(() => thread = Environment.CurrentManagedThreadId);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        await writer.DisposeAsync();
    }

    private static int Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private ShardResult Result(int shard) => new(shard, "", _totals, TimeSpan.Zero, 0);

    /// <summary>A disk whose flushes end when they are told.</summary>
    private sealed class Disk : IDisposable
    {
        private readonly SemaphoreSlim _began = new(0);
        private readonly SemaphoreSlim _end = new(0);

        public ConcurrentQueue<IReadOnlyList<ShardResult>> Flushed { get; } = [];

        public void Append(IReadOnlyList<ShardResult> results)
        {
            _began.Release();
            Assert.True(_end.Wait(Deadline));
            Flushed.Enqueue([.. results]);
        }

        public void AwaitFlush() => Assert.True(_began.Wait(Deadline));

        public void GoOn(int flushes) => _end.Release(flushes);

        public void Dispose()
        {
            _began.Dispose();
            _end.Dispose();
        }
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
