using System.Runtime.InteropServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Class probabilities as targets, with weights, smoothing, temperature and every input, are PyTorch's F.cross_entropy and F.kl_div.</summary>
public sealed class SoftTargetTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Row_losses_and_divergences_sum_to_those_of_PyTorch()
    {
        foreach (var example in SoftTargetCase.All.Where(c => c.Rows > 0 && c.SampleWeights == "none"))
        {
            var (values, targets, _, weights) = example.Data();
            int n = example.Rows;
            int[] labels = new int[n];
            double[] losses = new double[n], divergences = new double[n], flat = [.. targets.SelectMany(t => t)];
            SoftTargets.Classify(flat, example.Classes, 0, labels);
            var block = LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(values.SelectMany(v => v).ToArray()), n, example.Classes);
            new SoftTargetEvaluator(RowKernel.Default, example.Options.Loss, example.Classes, weights).Evaluate(
                block, flat, labels, new RowLosses(losses, new int[n], new int[n], new RowStatus[n]), divergences);
            Generated.Same(example, "sum", example.Undefined(example.Sum), losses.Sum());
            Generated.Same(example, "kl_div", example.KlSum, divergences.Sum(), 1e-15 * n);
        }
    }

    private RunPlan Plan(SoftTargetCase example, RowKernel kernel) =>
        RunPlan.Create([_folder.Path], example.Options, new PlanOptions { ShardBytes = 100 }) with { Kernel = kernel };

    private static EvaluationResult Evaluate(RunPlan plan) =>
        ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
}
