using DistributedLoss.Coordination;
using DistributedLoss.Results;

namespace DistributedLoss.Tests.Coordination;

public class RunHistoryRecorderTests
{
    private readonly SetTime _time = new();
    private readonly RunHistoryRecorder _recorder;

    public RunHistoryRecorderTests()
    {
        _recorder = new RunHistoryRecorder(_time);
        // What comes before the run is no part of it.
        _time.Pass(100);
        _recorder.Observe(new RunEvent.RunStarted(1, 3, 30, 2, "local", 2, "512", "run"));
    }

    [Fact]
    public void A_shard_begins_when_it_is_assigned_and_lasts_as_long_as_its_worker_says()
    {
        Assign("a", 0);
        _time.Pass(1);
        Assign("b", 1);
        _time.Pass(4);
        Finish("b", 1, rows: 7, seconds: 2);
        Finish("a", 0, rows: 5, seconds: 4.5);

        var history = _recorder.ToHistory();
        Assert.Null(history.BinSeconds);
        Assert.Equal(0, history.ResumedShards);
        Assert.Equal([new RunSpan("a", 0, 4.5, 1, 5, 0), new RunSpan("b", 1, 2, 1, 7, 0)], history.Spans);
    }

    [Fact]
    public void A_second_attempt_is_said_to_be_one_and_shards_of_an_earlier_process_are_counted_apart()
    {
        _recorder.Observe(new RunEvent.RunResumed(8, 10, 0));
        Assign("a", 0);
        _recorder.Observe(new RunEvent.WorkerLeft("a", "gone", 1, 0, 0));
        _time.Pass(3);
        Assign("b", 0, attempt: 2);
        _time.Pass(1);
        Finish("b", 0, rows: 5, seconds: 1);
        // Of a worker whose assignment nobody told.
        Finish("c", 1, rows: 2, seconds: 0.5);

        var history = _recorder.ToHistory();
        Assert.Equal(8, history.ResumedShards);
        Assert.Equal([new RunSpan("b", 3, 1, 1, 5, 1), new RunSpan("c", 3.5, 0.5, 1, 2, 0)], history.Spans);
    }

    [Theory]
    [InlineData(RunHistoryRecorder.MostShards, 3)]
    [InlineData(RunHistoryRecorder.MostShards + 1, 3)]
    [InlineData(50_000, 3)]
    [InlineData(50_000, RunHistoryRecorder.MostWorkers + 500)]
    public void Nothing_is_lost_and_memory_is_bounded_however_many_shards_there_are(int shards, int workers)
    {
        double seconds = 0;
        for (int i = 0; i < shards; i++)
        {
            string worker = $"w{i % workers}";
            Assign(worker, i, attempt: i % 5 == 0 ? 2 : 1);
            double took = 0.25 * (1 + (i % 4));
            _time.Pass(took);
            seconds += took;
            Finish(worker, i, rows: i, took);
        }

        var history = _recorder.ToHistory();
        Assert.Equal(shards > RunHistoryRecorder.MostShards, history.BinSeconds is not null);
        Assert.Equal(shards, history.Spans.Sum(s => s.Shards));
        Assert.Equal((long)shards * (shards - 1) / 2, history.Spans.Sum(s => s.Rows));
        Assert.Equal((shards + 4) / 5, history.Spans.Sum(s => s.Repeated));
        Assert.Equal(seconds, history.Spans.Sum(s => s.Seconds), 1e-3);
        Assert.Equal(Math.Min(workers, RunHistoryRecorder.MostWorkers + 1), history.Spans.Select(s => s.Worker).Distinct().Count());
        Assert.All(history.Spans, s => Assert.InRange(s.Start, 0, seconds));
        if (history.BinSeconds is { } width)
        {
            // Within a factor of two of the run's length, so that bins are neither too few nor too many.
            Assert.InRange(seconds / width, 16, 64);
            Assert.True(history.Spans.Count <= 64 * (RunHistoryRecorder.MostWorkers + 1));
            // A worker can be at one shard at a time, but what it began in the stretch before may end in this one.
            Assert.All(history.Spans.Where(s => s.Worker != RunHistory.OtherWorkers), s => Assert.True(s.Seconds <= width + 1));
        }
    }

    private void Assign(string worker, int shard, int attempt = 1) =>
        _recorder.Observe(new RunEvent.ShardAssigned(shard, "id", worker, attempt, 0, "file", 0, 0));

    private void Finish(string worker, int shard, long rows, double seconds) =>
        _recorder.Observe(new RunEvent.ShardFinished(shard, worker, rows, rows, null, seconds, 1, 1, null));

    private sealed class SetTime : TimeProvider
    {
        private long _microseconds;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _microseconds;

        public void Pass(double seconds) => _microseconds += (long)(seconds * 1e6);
    }
}
