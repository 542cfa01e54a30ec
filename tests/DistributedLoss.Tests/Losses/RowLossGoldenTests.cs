using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;
using DistributedLoss.Tests.Evaluation;

namespace DistributedLoss.Tests.Losses;

/// <summary>What each row adds to sum and denominator is PyTorch's reduction="none", times the sample weight (Goldens/row_losses.py, target_losses.py).</summary>
public sealed class RowLossGoldenTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Row_losses_weights_and_probabilities_are_PyTorchs_in_every_combination()
    {
        var goldens = Generated.Read("row_losses.json", line => (Seed: line[0].GetInt32(), Rows: Array.ConvertAll(line[1..], Golden)));
        Assert.True(goldens.Length > 150, $"{goldens.Length} cases");
        foreach (var (seed, expected) in goldens)
        {
            var example = LossOptionCase.All[seed - 1];
            Assert.Equal((ulong)seed, example.Seed);
            example.Write(_folder, LogitLayout.List);
            var told = Told(example.Options, out var totals);
            Assert.Equal(expected.Length, told.Count);
            foreach (var (row, golden) in told.Zip(expected))
            {
                Agree(example, golden, row);
            }

            // Each row is rounded once, and so is the sum.
            double sum = told.Sum(r => r.Evaluated?.Loss ?? 0);
            Generated.Same(example, "sum over the rows", totals.Weighted?.Numerator ?? totals.Losses.Sum, sum);
            Generated.Same(example, "sum of the weights", totals.Weighted?.Denominator, totals.Weighted is null ? null : told.Sum(r => r.Weight ?? 0));
        }
    }

    [Fact]
    public void Losses_of_soft_targets_and_binary_elements_are_PyTorchs_in_every_combination()
    {
        var soft = SoftTargetCase.All.ToDictionary(c => c.Seed);
        var binary = BinaryCase.All.ToDictionary(c => c.Seed);
        var goldens = Generated.Read("target_losses.json", line => (Seed: line[0].GetUInt64(), Lines: Array.ConvertAll(line[1..], Golden)));
        Assert.True(goldens.Count(g => soft.ContainsKey(g.Seed)) > 150 && goldens.Count(g => binary.ContainsKey(g.Seed)) > 100);
        foreach (var (seed, expected) in goldens)
        {
            object example;
            EvaluationOptions options;
            if (soft.TryGetValue(seed, out var target))
            {
                target.Write(_folder);
                (example, options) = (target, target.Options);
            }
            else
            {
                binary[seed].Write(_folder, scalars: false);
                (example, options) = (binary[seed], binary[seed].Options);
            }

            var told = Told(options, out var totals);
            Assert.Equal(expected.Length, told.Count);
            foreach (var (row, golden) in told.Zip(expected))
            {
                Generated.Same(example, "loss", golden![0], row.Evaluated?.Loss);
                Generated.Same(example, "weight", totals.Weighted is null ? null : golden[1], row.Weight);
                Generated.Same(example, "probability", golden[2], target is null ? row.PositiveProbability : row.Probability, slack: 1e-300);
            }
        }
    }

    private static double[]? Golden(JsonElement row) =>
        row.ValueKind == JsonValueKind.Null ? null : [.. row.EnumerateArray().Select(x => Generated.Number(x)!.Value)];

    /// <param name="golden">Loss, weight and p(label); null for an ignored row.</param>
    private static void Agree(LossOptionCase example, double[]? golden, RowOutcome row)
    {
        if (golden is null)
        {
            Assert.Equal((null, null, null), (row.Evaluated, row.Weight, row.Probability));
            return;
        }

        Generated.Same(example, "loss", golden[0], row.Evaluated?.Loss);
        Generated.Same(example, "weight", example.Options.IsWeighted ? golden[1] : null, row.Weight);
        Generated.Same(example, "p(label)", golden[2], row.Probability, slack: 1e-300);
    }

    private List<RowOutcome> Told(EvaluationOptions options, out Totals totals)
    {
        var plan = RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 100 }) with { TileRows = 5 };
        using var evaluator = new ShardEvaluator(plan);
        var told = new Rows();
        totals = plan.NewTotals();
        foreach (var shard in plan.Shards)
        {
            totals.Add(evaluator.Evaluate(shard, plan.NewTotals(), new Patient(), told)!.Totals);
        }

        return told.Outcomes;
    }

    private sealed class Rows : IRowSink
    {
        public List<RowOutcome> Outcomes { get; } = [];

        public void Add(in RowOutcome row) => Outcomes.Add(row);
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
