using System.Collections.Concurrent;
using System.Text.Json;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Tests.Logging;

/// <summary>docs/logging.md and the events of real runs agree, both ways: names, levels, properties.</summary>
public sealed class EventDocumentationTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // Real ones need a broker, which tests/DistributedLoss.RabbitMq.Tests have.
    private static readonly RunEvent[] ClusterEvents =
    [
        new RunEvent.BrokerConnected("amqp://broker:5672", "4.0.1"),
        new RunEvent.BrokerAway("amqp://broker:5672", "closed", 0.1),
        new RunEvent.ClusterJoined("akka.tcp://dloss@node:4053"),
        new RunEvent.ClusterLeft("akka.tcp://dloss@node:4053", "removed"),
        new RunEvent.ClusterTrouble("node:4053", "no answer"),
        new RunEvent.WorkerRefused("w/1", "another version"),
        new RunEvent.MessageRefused("w", "damaged"),
        new RunEvent.WorkerStarted("w", 2, "rabbitmq", "0.1.0", "256"),
        new RunEvent.RunJoined("r", "w", 1, 10),
        new RunEvent.RunLeft("r", "w", "the run is over"),
        new RunEvent.RunRefused("r", "w", "no such file"),
        new RunEvent.ShardTaken("r", 0, "id", "w/1", 1, 100, "a.parquet", 0),
        new RunEvent.ShardDone("r", 0, "w/1", 100, 4096, 0.5),
        new RunEvent.ShardFailed("r", 0, "w/1", 1, "the disk failed"),
        new RunEvent.ShardDropped("r", 0, "w/1", "settled elsewhere"),
        new RunEvent.WorkerStopped("w", 3, "asked to stop"),
        new RunEvent.RunStalled(60, "no worker is there", 0, 0),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentBag<JsonElement> _lines = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_event_of_a_run_is_documented_and_every_documented_event_is_in_a_run()
    {
        await RunCommandsAsync();
        await LoseAWorkerAsync();
        FinishAShardTwice();
        Array.ForEach(ClusterEvents, Add);

        var documented = DocumentedEvents.Read();
        Assert.Equal(documented.Keys.Order(), _lines.Select(Event).Distinct().Order());
        foreach (var line in _lines)
        {
            var expected = documented[Event(line)];
            Assert.Equal(expected.Level, line.GetProperty("level").GetString());
            string[] common = ["timestamp", "level", "event", "message"];
            Assert.Equal(common.Concat(expected.Properties).Order(), line.EnumerateObject().Select(p => p.Name).Order());
        }
    }

    private static string Event(JsonElement line) => line.GetProperty("event").GetString()!;

    /// <summary>Runs that go well, have nothing to evaluate, are continued, are doubtful, fail, and are cancelled.</summary>
    private async Task RunCommandsAsync()
    {
        string invalid = Dumps.Of(_folder, "invalid.parquet", ([1, 2, double.NaN], 0), ([1, 2, 3], 0));
        string ignored = Dumps.Of(_folder, "ignored.parquet", ([1, 2, 3], -100));
        await RunAsync(ExitCode.Done, CancellationToken.None, invalid, "--on-invalid", "skip");
        await RunAsync(ExitCode.Done, CancellationToken.None, ignored, "--format", "json");
        string kept = Path.Combine(Path.GetDirectoryName(ignored)!, "run");
        await RunAsync(ExitCode.Done, CancellationToken.None, ignored, "--run-dir", kept);
        await RunAsync(ExitCode.Done, CancellationToken.None, ignored, "--run-dir", kept, "--resume");
        await RunAsync(ExitCode.Done, CancellationToken.None, ignored, "--http", "0");
        await RunAsync(ExitCode.ThresholdMissed, CancellationToken.None, ignored, "--fail-above", "loss.mean=1");
        string probabilities = Dumps.Of(_folder, "probabilities.parquet", ([0.2, 0.3, 0.5], 0));
        await RunAsync(ExitCode.Done, CancellationToken.None, probabilities);
        var calibration = await CliRunner.RunAsync("calibrate", probabilities, "--log-format", "json");
        Array.ForEach(calibration.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Add);
        await RunAsync(ExitCode.BadInput, CancellationToken.None, invalid);
        await RunAsync(ExitCode.Cancelled, new CancellationToken(canceled: true), invalid);
    }

    private async Task RunAsync(int exitCode, CancellationToken cancel, params string[] args)
    {
        var outcome = await CliRunner.RunAsync(["evaluate", .. args, "--log-format", "json"], [], cancel);
        Assert.Equal(exitCode, outcome.ExitCode);
        foreach (string line in outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Add(line);
        }
    }

    /// <summary>The first worker dies in its first shard, and the second waits there until progress was told.</summary>
    private async Task LoseAWorkerAsync()
    {
        int calls = 0;
        using var progress = new ManualResetEventSlim();
        var options = new LocalEngineOptions
        {
            Workers = 1,
            Coordinator = new CoordinatorOptions { ProgressInterval = TimeSpan.Zero },
            OnShardProgress = (_, _, _) =>
            {
                switch (Interlocked.Increment(ref calls))
                {
                    case 1:
                        throw new InvalidOperationException("the worker dies, as this test wants");
                    case 2:
                        Assert.True(progress.Wait(Deadline), "no progress event came");
                        break;
                    default:
                        break;
                }
            },
        };
        var outcome = await new LocalEngine(options).RunAsync(RunPlan.Create([Dumps.Synthetic(_folder)], new EvaluationOptions()), e =>
        {
            Add(e);
            if (e is RunEvent.Progress)
            {
                progress.Set();
            }
        });
        Assert.IsType<RunOutcome.Completed>(outcome);
    }

    /// <summary>A straggler's shard is given to a second worker, and both finish it while a third shard is open.</summary>
    private void FinishAShardTwice()
    {
        var plan = RunPlan.Create([_folder["synthetic.parquet"]], new EvaluationOptions());
        using var evaluator = new ShardEvaluator(plan);
        ShardResult Evaluate(int shard) => evaluator.Evaluate(plan.Shards[shard], plan.NewTotals(), new Unobserved())!;
        var ledger = new RunLedger(plan.Shards.Count, plan.NewTotals);
        var coordinator = new Coordinator(plan with { Shards = [.. plan.Shards.Take(3)] }, ledger, new CoordinatorOptions());
        void Tell(double hours, CoordinatorInput input)
        {
            foreach (var log in coordinator.Handle(input, TimeSpan.FromHours(hours)).OfType<CoordinatorOutput.Log>())
            {
                Add(log.Event);
            }
        }

        Tell(0, new CoordinatorInput.WorkRequested("slow", 1));
        Tell(0, new CoordinatorInput.WorkRequested("quick", 1));
        Tell(0, new CoordinatorInput.WorkRequested("third", 1));
        Tell(0, new CoordinatorInput.ShardFinished("quick", Evaluate(1)));
        // An hour makes the first shard a straggler, whatever the second took.
        Tell(1, new CoordinatorInput.WorkRequested("quick", 2));
        Tell(1, new CoordinatorInput.ShardFinished("quick", Evaluate(0)));
        Tell(1, new CoordinatorInput.ShardFinished("slow", Evaluate(0)));
        Assert.Equal((1, 1), (coordinator.Speculated, coordinator.Duplicates));
    }

    private void Add(RunEvent e)
    {
        using var line = new StringWriter();
        new JsonLineFormatter().Format(RunEventLog.ToLogEvent(e, DateTimeOffset.UnixEpoch), line);
        Add(line.ToString());
    }

    private void Add(string line)
    {
        using var json = JsonDocument.Parse(line);
        _lines.Add(json.RootElement.Clone());
    }

    private sealed class Unobserved : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
