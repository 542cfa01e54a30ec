using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Tests.Status;

namespace DistributedLoss.Http.Tests.Live;

public class LiveRunTests
{
    private readonly ManualTime _time = new();
    private readonly LiveRun _run;

    public LiveRunTests() => _run = new LiveRun("dump/", _time);

    [Fact]
    public void Every_state_of_a_run_is_told_with_its_reason()
    {
        Assert.Equal("planning", State().GetProperty("state").GetString());
        Start();
        Assert.Equal("running", State().GetProperty("state").GetString());
        _run.Observe(new RunEvent.RunStalled(10, "no worker is there", 0, 0));
        _time.Advance(1);
        Assert.Equal(("stalled", "no worker is there"), (State().GetProperty("state").GetString(), State().GetProperty("reason").GetString()));
        Join("a", 1);
        Assign(0, "a");
        Report(5, rows: 1);
        _time.Advance(1);
        Assert.Equal("stalled", State().GetProperty("state").GetString());
        Report(6, rows: 2);
        _time.Advance(1);
        Assert.Equal("running", State().GetProperty("state").GetString());
        _run.Observe(new RunEvent.RunFailed("a.parquet: no", 0, 4));
        Assert.Equal(("failed", "a.parquet: no"), (State().GetProperty("state").GetString(), State().GetProperty("reason").GetString()));
    }

    [Fact]
    public void A_cancelled_run_tells_how_far_it_came()
    {
        Start();
        _run.Observe(new RunEvent.RunCancelled(Progress(5, rows: 12)));
        Assert.Equal("cancelled", State().GetProperty("state").GetString());
        Assert.Equal(12, State().GetProperty("rows").GetProperty("done").GetInt64());
    }

    [Fact]
    public void Figures_are_those_of_the_progress_and_what_is_not_finite_is_text()
    {
        Start();
        _run.Report(Progress(10, rows: 25) with { MeanLoss = double.PositiveInfinity, MeanInterval95 = (double.NaN, double.NaN), Top1 = 0.75, LogitsPerRow = 3, RowsResumed = 5 });
        var state = State();
        Assert.Equal("Infinity", state.GetProperty("loss").GetProperty("mean").GetString());
        Assert.Equal("NaN", state.GetProperty("loss").GetProperty("low").GetString());
        Assert.Equal(0.75, state.GetProperty("loss").GetProperty("top1").GetDouble());
        Assert.Equal((25, 5, 40), (Rows("done"), Rows("resumed"), Rows("total")));
        Assert.Equal(2, state.GetProperty("rows").GetProperty("perSecondNow").GetDouble());

        long Rows(string name) => state.GetProperty("rows").GetProperty(name).GetInt64();
    }

    [Fact]
    public void Workers_are_told_with_their_shard_and_what_they_have_done()
    {
        Start();
        Join("a", 1);
        Join("b", 2);
        Assign(0, "a");
        Assign(1, "b");
        _time.Advance(2);
        Finish(0, "a", 2);
        _time.Advance(1);
        var (a, b) = (Worker("a"), Worker("b"));
        Assert.Equal((JsonValueKind.Null, 1, 10, 5.0, 1.0), (a.GetProperty("shard").ValueKind, a.GetProperty("shards").GetInt32(), a.GetProperty("rows").GetInt32(), a.GetProperty("rowsPerSecond").GetDouble(), a.GetProperty("seenSeconds").GetDouble()));
        Assert.Equal((1, "part-1.parquet", 3.0), (b.GetProperty("shard").GetProperty("index").GetInt32(), b.GetProperty("shard").GetProperty("file").GetString(), b.GetProperty("shard").GetProperty("seconds").GetDouble()));

        _run.Report(Progress(3, rows: 16) with { Busy = [new WorkerProgress("b", 1, 6)] });
        _time.Advance(1);
        Assert.Equal((6, 1.0), (Worker("b").GetProperty("shard").GetProperty("read").GetInt32(), Worker("b").GetProperty("seenSeconds").GetDouble()));
        _run.Observe(new RunEvent.ShardSpeculated(1, "a", "b"));
        Assign(1, "a", attempt: 2);
        Finish(1, "a", 1);
        _time.Advance(1);
        Assert.Equal(JsonValueKind.Null, Worker("b").GetProperty("shard").ValueKind);
        _run.Observe(new RunEvent.WorkerLeft("b", "killed", 1, 0, 0));
        _time.Advance(1);
        Assert.Equal(["a", "b"], State().GetProperty("workers").GetProperty("list").EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        Assert.Equal("killed", Worker("b").GetProperty("left").GetString());
        Assert.Equal(1, State().GetProperty("shards").GetProperty("speculated").GetInt32());
    }

    [Fact]
    public void Ten_thousand_workers_that_come_and_go_are_no_more_than_a_page_of_them()
    {
        Start();
        for (int i = 0; i < 10_000; i++)
        {
            Join($"w{i}", i % 7 == 0 ? 1 : 2);
            if (i % 7 != 0)
            {
                _run.Observe(new RunEvent.WorkerLeft($"w{i}", "killed", 1, 0, 0));
            }
        }

        _time.Advance(1);
        Assert.Equal(WorkerBoard.MostWorkers, State().GetProperty("workers").GetProperty("list").GetArrayLength());
        Assert.InRange(_run.State().Json.Length, 1000, 50_000);
    }

    [Fact]
    public void States_are_made_a_few_times_a_second_however_much_happens()
    {
        Start();
        var made = new HashSet<LiveState>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < 1000; i++)
        {
            _time.Advance(0.001);
            Report(1 + (i / 1000.0), rows: i % 40);
            made.Add(_run.State());
        }

        Assert.InRange(made.Count, 4, 5);
    }

    [Fact]
    public void A_state_that_does_not_change_is_told_again_as_a_sign_of_life_and_the_end_at_once()
    {
        Start();
        Join("a", 1);
        _time.Advance(1);
        var first = _run.State();
        _time.Advance(4.9);
        Assert.Same(first, _run.State());
        _time.Advance(0.1);
        var second = _run.State();
        Assert.NotSame(first, second);
        Assert.Equal(6, Worker("a").GetProperty("seenSeconds").GetDouble());
        _run.End(report: null);
        Assert.True(_run.State().HasEnded);
    }

    [Fact]
    public void The_report_is_made_once_and_only_when_it_is_read()
    {
        int made = 0;
        Assert.Null(_run.ReadReport());
        _run.End(() => [(byte)++made]);
        Assert.Equal(0, made);
        Assert.Equal([1], _run.ReadReport()!);
        Assert.Equal([1], _run.ReadReport()!);
    }

    [Fact]
    public void The_log_keeps_its_last_lines_and_single_shards_push_out_each_other_alone()
    {
        int rendered = 0;
        _run.Tell("warning", () => "the first");
        for (int i = 0; i < 1000; i++)
        {
            _run.Tell("debug", () => $"shard {rendered++}");
        }

        _run.Tell("error", () => new string('x', 100_000));
        var (lines, last) = _run.LogAfter(0);
        Assert.Equal(LogTail.MostLines, rendered);
        Assert.Equal(LogTail.MostLines + 2, lines!.Count);
        Assert.Equal("the first", lines[0]!["text"]!.GetValue<string>());
        Assert.Equal(1004, lines[^1]!["text"]!.GetValue<string>().Length);
        Assert.Null(_run.LogAfter(last).Lines);
        _run.Tell("information", () => "next");
        Assert.Equal("next", Assert.Single(_run.LogAfter(last).Lines!)!["text"]!.GetValue<string>());
    }

    private static RunProgress Progress(double seconds, long rows) =>
        new(0, 4, rows, 40, rows / seconds, TimeSpan.FromSeconds(seconds), null, null, 1);

    private void Start() => _run.Observe(new RunEvent.RunStarted(1, 4, 40, 3, "local", 2, "256", "8a04"));

    private void Join(string worker, int workers) => _run.Observe(new RunEvent.WorkerJoined(worker, workers));

    private void Assign(int shard, string worker, int attempt = 1) =>
        _run.Observe(new RunEvent.ShardAssigned(shard, "id", worker, attempt, 10, $"part-{shard}.parquet", 0, 0));

    private void Finish(int shard, string worker, double seconds) => _run.Observe(new RunEvent.ShardFinished(shard, worker, 10, 10, 0.5, seconds, 1, 4, null));

    private void Report(double seconds, long rows) => _run.Report(Progress(seconds, rows));

    private JsonElement State()
    {
        using var json = JsonDocument.Parse(_run.State().Json);
        return json.RootElement.Clone();
    }

    private JsonElement Worker(string name) => State().GetProperty("workers").GetProperty("list").EnumerateArray().Single(w => w.GetProperty("name").GetString() == name);
}
