using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Simulation.World;

/// <summary>A dump that is on no disk: its plan, what each shard comes to, and what they come to together.</summary>
internal sealed class SimulatedDump
{
    public const int MostShards = 12;
    private const int RowsPerShard = 5;

    // A sum that is added to another is brought into order for it, so that no two threads may add the same.
    [ThreadStatic]
    private static SimulatedDump[]? _bySize;

    private SimulatedDump(int shards)
    {
        Plan = new RunPlan
        {
            Files = [new InputFile(0, "dump.parquet", 100 * shards, DateTimeOffset.UnixEpoch, "f00d", RowsPerShard * shards, shards)],
            Shards = [.. Enumerable.Range(0, shards).Select(i => new Shard(i, $"id{i}", 0, i, default, RowsPerShard * i, RowsPerShard, 100))],
            Classes = 3,
            Options = new EvaluationOptions { Statistics = StatisticKinds.None, Hardest = 2 },
        };
        Results = [.. Plan.Shards.Select(s => Evaluate(s))];
        var totals = Plan.NewTotals();
        foreach (var result in Results)
        {
            totals.Add(result.Totals);
        }

        FaultFree = totals.ExecutionDigest();
    }

    public RunPlan Plan { get; }

    /// <summary>Nobody may change them.</summary>
    public IReadOnlyList<ShardResult> Results { get; }

    /// <summary>Digest of all results together.</summary>
    public string FaultFree { get; }

    public static SimulatedDump OfSize(int shards) =>
        (_bySize ??= [.. Enumerable.Range(0, MostShards + 1).Select(n => new SimulatedDump(n))])[shards];

    public static string BadMessage(int shard) => $"shard {shard} is bad";

    /// <summary>As a faulty memory has it: another loss in one row, and the digest that belongs to it.</summary>
    public ShardResult Corrupted(int shard, int how) => Evaluate(Plan.Shards[shard], 1 + how);

    private ShardResult Evaluate(Shard shard, int corruption = 0)
    {
        var totals = Plan.NewTotals();
        for (int row = 0; row < shard.Rows; row++)
        {
            // Losses of many magnitudes: their plain sum would depend on its order.
            double loss = Math.ScaleB(1 + row, (shard.Index * 13 % 9 * 5) - 30) + (row == 0 ? corruption : 0);
            totals.Rows.Evaluated++;
            totals.Losses.Add(loss);
            totals.Classes.Add(row % 3, shard.Index % 3, loss);
            totals.Ranks.Add(1 + (row % 3));
            totals.Hardest.Add(new HardestRow(loss, 0, shard.RowGroup, shard.FirstRow + row, row % 3, shard.Index % 3, 1));
        }

        return new ShardResult(shard.Index, totals.ExecutionDigest(), totals, TimeSpan.Zero, shard.Bytes);
    }
}
