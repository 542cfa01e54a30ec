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
    public void Hundreds_of_combinations_agree_with_PyTorch()
    {
        Assert.True(SoftTargetCase.All.Count(c => c.Mean is not null && !c.TorchIsNaN) > 600);
        foreach (var example in SoftTargetCase.All)
        {
            example.Write(_folder);
            var result = Evaluate(Plan(example, RowKernel.Default));
            Assert.True(result.Rows.Evaluated == example.Rows && result.Rows.Total == example.Rows, $"{example}: {result.Rows.Evaluated} of {result.Rows.Total} rows");
            Generated.Same(example, "mean", example.Undefined(example.Mean), result.Loss.Mean);
            Generated.Same(example, "sum", example.Rows == 0 ? null : example.Undefined(example.Sum), result.Loss.Sum);
            Generated.Same(example, "denominator", example.Denominator, result.Loss.Denominator);
            Generated.Same(example, "standard error", example.Undefined(example.StandardError), result.Loss.StandardError, 1e-12 * Math.Abs(example.Mean ?? 0));
            Generated.Same(example, "kl_div", example.Rows == 0 ? null : example.KlSum / example.Rows, result.Figures.Divergence, 1e-15);
            Generated.Same(example, "accuracy", example.Rows == 0 ? null : (double)example.Correct / example.Rows, result.Accuracy[0].Value);
        }
    }

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

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public void Kernel_and_the_split_over_files_and_shards_change_no_bit(string kernel)
    {
        foreach (var example in SoftTargetCase.All.Where((c, i) => i % 9 == 0 && c.Rows > 1))
        {
            example.Write(_folder);
            string expected = DumpFolder.Evaluate(Plan(example, RowKernel.Parse("scalar"))).Digest();
            example.Write(_folder, cut: example.Rows / 3);
            var plan = Plan(example, RowKernel.Parse(kernel));
            string digest = DumpFolder.Evaluate(plan with { TileRows = 4, Shards = [.. plan.Shards.Reverse()] }).Digest();
            Assert.True(expected == digest, $"{example}");
        }
    }

    private RunPlan Plan(SoftTargetCase example, RowKernel kernel) =>
        RunPlan.Create([_folder.Path], example.Options, new PlanOptions { ShardBytes = 100 }) with { Kernel = kernel };

    private static EvaluationResult Evaluate(RunPlan plan) =>
        ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
}
