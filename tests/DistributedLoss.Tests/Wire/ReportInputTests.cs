using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Tests.Wire;

public sealed class ReportInputTests : IDisposable
{
    private readonly DumpFolder _folder = new();
    private readonly RunPlan _plan;
    private readonly Shard _shard;

    public ReportInputTests()
    {
        _plan = WireCase.Plan(_folder, "bare");
        _shard = _plan.Shards[2];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_report_of_the_run_becomes_what_the_coordinator_hears()
    {
        string version = ProgramVersion.Current;
        var result = Evaluate(_shard);
        Assert.Equal(new CoordinatorInput.WorkerJoined("w"), Of(new WorkerReport.Joined("", "w", version)));
        Assert.Equal(new CoordinatorInput.WorkerJoined("w"), Of(new WorkerReport.Joined("run", "w", version)));
        Assert.Equal(new CoordinatorInput.WorkRequested("w", 3), Of(new WorkerReport.Requested("run", "w", 3)));
        Assert.Equal(new CoordinatorInput.ShardProgressed("w", 2, _shard.Rows), Of(new WorkerReport.Progressed("run", "w", 2, _shard.Rows)));
        Assert.Equal(new CoordinatorInput.ShardFinished("w", result), Of(new WorkerReport.Finished("run", "w", new(_shard.Id, result))));
        Assert.Equal(new CoordinatorInput.ShardTaken("w", 2, 4), Of(new WorkerReport.Taken("run", "w", 2, _shard.Id, 4)));
        Assert.Equal(new CoordinatorInput.ShardReturned("w", 2, 4), Of(new WorkerReport.Returned("run", "w", 2, _shard.Id, 4)));
        var failure = new ShardFailure("why", Deterministic: true);
        Assert.Equal(new CoordinatorInput.ShardFailed("w", 2, 4, failure), Of(new WorkerReport.Failed("run", "w", new(2, _shard.Id, 4, failure))));
        Assert.Equal(new CoordinatorInput.WorkerLeft("w", "SIGTERM"), Of(new WorkerReport.Left("run", "w", "SIGTERM")));
    }

    [Fact]
    public void Whatever_is_of_another_run_is_refused()
    {
        var result = Evaluate(_shard);
        var failure = new ShardFailure("why", Deterministic: false);
        foreach (var report in (WorkerReport[])
            [
                new WorkerReport.Joined("other", "w", ProgramVersion.Current),
                new WorkerReport.Requested("other", "w", 1),
                new WorkerReport.Requested("", "w", 1),
                new WorkerReport.Left("other", "w", "why"),
                new WorkerReport.Finished("other", "w", new(_shard.Id, result)),
                new WorkerReport.Finished("run", "w", new("another", result)),
                new WorkerReport.Finished("run", "w", new(_shard.Id, result with { Shard = 1 })),
                new WorkerReport.Finished("run", "w", new(_shard.Id, result with { Shard = -1 })),
                new WorkerReport.Finished("run", "w", new(_shard.Id, result with { Shard = int.MaxValue })),
                new WorkerReport.Finished("run", "w", new(_shard.Id, result with { Totals = _plan.NewTotals() })),
                new WorkerReport.Failed("run", "w", new(_plan.Shards.Count, _shard.Id, 1, failure)),
                new WorkerReport.Failed("run", "w", new(2, "another", 1, failure)),
                new WorkerReport.Taken("run", "w", -1, _shard.Id, 1),
                new WorkerReport.Taken("run", "w", 2, "another", 1),
                new WorkerReport.Returned("run", "w", 2, "another", 1),
                new WorkerReport.Progressed("run", "w", _plan.Shards.Count, 0),
                new WorkerReport.Progressed("run", "w", 2, _shard.Rows + 1),
            ])
        {
            Assert.Throws<WireException>(() => Of(report));
        }
    }

    [Fact]
    public void A_worker_of_another_version_is_told_so()
    {
        string refused = Assert.Throws<WireException>(() => Of(new WorkerReport.Joined("", "w", "9.9.9"))).Message;
        Assert.Equal($"worker w is of dloss 9.9.9, and this is dloss {ProgramVersion.Current}; let one version of dloss do the whole run", refused);
    }

    [Fact]
    public void A_worker_evaluates_only_shards_of_the_files_it_was_told_of()
    {
        new ShardAssignment(_shard, 1, 1).Check(_plan);
        foreach (var shard in (Shard[])
            [
                _shard with { Id = "another" },
                _shard with { File = 1 },
                _shard with { RowGroup = int.MaxValue },
                _shard with { Rows = _shard.Rows + 1 },
                _shard with { Rows = long.MaxValue },
                _shard with { RowGroupFirstRow = long.MaxValue },
                _shard with { Start = _shard.Start with { FirstRow = long.MaxValue }, RowGroupFirstRow = long.MaxValue },
            ])
        {
            Assert.Throws<WireException>(() => new ShardAssignment(shard, 1, 1).Check(_plan));
        }
    }

    private CoordinatorInput Of(WorkerReport report) => ReportInput.Of(report, "run", _plan);

    private ShardResult Evaluate(Shard shard)
    {
        using var evaluator = new ShardEvaluator(_plan);
        return evaluator.Evaluate(shard, _plan.NewTotals(), new Patient())!;
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
