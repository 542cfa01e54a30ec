using System.Security.Cryptography;
using System.Text;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Tests.Coordination;

/// <summary>A coordinator of shards of ten rows with a loss of 0.5 each, told things by hand.</summary>
internal sealed class CoordinatorDriver
{
    private readonly RunPlan _plan;
    private readonly Dictionary<(string Worker, int Shard), int> _attempts = [];
    private long _requests;

    public CoordinatorDriver(RunPlan plan, CoordinatorOptions? options = null)
    {
        _plan = plan;
        Ledger = new RunLedger(plan.Shards.Count, plan.NewTotals);
        Coordinator = new Coordinator(plan, Ledger, options ?? new CoordinatorOptions());
    }

    public Coordinator Coordinator { get; }

    public RunLedger Ledger { get; }

    public TimeSpan Now { get; set; }

    public IReadOnlyList<Output> Last { get; private set; } = [];

    public List<RunEvent> Events { get; } = [];

    public IEnumerable<(string Worker, int Shard)> Assignments => Last.OfType<Output.Assign>().Select(a => (a.Worker, a.Shard));

    public static RunPlan Plan(int shards) => new()
    {
        Files = [new InputFile(0, "dump.parquet", 1000, DateTimeOffset.UnixEpoch, "f00d", 10 * shards, shards)],
        Shards = [.. Enumerable.Range(0, shards).Select(i => new Shard(i, $"id{i}", 0, i, default, 10 * i, 10, 100))],
        Classes = 3,
        Options = new EvaluationOptions(),
    };

    /// <summary>Of equal texts equal.</summary>
    public static string Digest(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    public void Tell(Input input)
    {
        Last = [.. Coordinator.Handle(input, Now)];
        foreach (var assign in Last.OfType<Output.Assign>())
        {
            _attempts[(assign.Worker, assign.Shard)] = assign.Attempt;
        }

        Events.AddRange(Last.OfType<Output.Log>().Select(l => l.Event));
    }

    public void Join(string worker) => Tell(new Input.WorkerJoined(worker));

    public (string Worker, int Shard)? Request(string worker)
    {
        Tell(new Input.WorkRequested(worker, ++_requests));
        return Assignments.Select(a => ((string, int)?)a).SingleOrDefault();
    }

    public void Finish(string worker, int shard, string digest = "same")
    {
        var totals = _plan.NewTotals();
        for (int row = 0; row < 10; row++)
        {
            totals.Rows.Evaluated++;
            totals.Losses.Add(0.5);
        }

        Tell(new Input.ShardFinished(worker, new ShardResult(shard, Digest(digest), totals, TimeSpan.FromSeconds(1), 100)));
    }

    public void Fail(string worker, int shard, string message = "disk error", bool deterministic = false) =>
        Tell(new Input.ShardFailed(worker, shard, _attempts.GetValueOrDefault((worker, shard)), new ShardFailure(message, deterministic)));
}
