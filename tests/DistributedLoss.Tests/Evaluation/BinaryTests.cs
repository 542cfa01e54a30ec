using System.Runtime.InteropServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Summation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Independent logits or probabilities with targets from 0 to 1 are PyTorch's F.binary_cross_entropy_with_logits and F.binary_cross_entropy.</summary>
public sealed class BinaryTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hundreds_of_combinations_agree_with_PyTorch()
    {
        Assert.True(BinaryCase.All.Count(c => c.Mean is not null && !c.TorchClamps) > 450);
        foreach (var example in BinaryCase.All)
        {
            // One logit a row is a column of numbers or of lists of one.
            example.Write(_folder, scalars: example.Classes == 1 && example.Seed % 2 == 0);
            var result = Evaluate(Plan(example, RowKernel.Default));
            int elements = example.Rows * example.Classes;
            Assert.True(result.Rows.Evaluated == example.Rows && result.Rows.Total == example.Rows, $"{example}: {result.Rows.Evaluated} of {result.Rows.Total} rows");
            Generated.Same(example, "mean", example.Mean, result.Loss.Mean);
            Generated.Same(example, "sum", example.Rows == 0 ? null : example.Sum, result.Loss.Sum);
            Generated.Same(example, "denominator", example.Denominator, result.Loss.Denominator);
            Generated.Same(example, "standard error", example.StandardError, result.Loss.StandardError, 1e-12 * Math.Abs(example.Mean ?? 0));
            if (example.Correct is { } correct)
            {
                Generated.Same(example, "accuracy", elements == 0 ? null : (double)correct / elements, result.Figures.Binary!.Micro.Accuracy);
            }
        }
    }

    [Fact]
    public void Element_losses_sum_to_those_of_PyTorch()
    {
        foreach (var example in BinaryCase.All.Where(c => c.Rows > 0 && c.SampleWeights == "none"))
        {
            var (values, targets, _, weights, positive) = example.Data();
            int n = example.Rows * example.Classes;
            double[] losses = new double[n];
            var block = LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(values.SelectMany(v => v).ToArray()), example.Rows, example.Classes);
            var statuses = new RowStatus[example.Rows];
            new BinaryEvaluator(RowKernel.Default, example.AreLogits ? BinaryInput.Logits : BinaryInput.Probs, example.Classes, example.Temperature, positive).Evaluate(
                block, targets.SelectMany(t => t).ToArray(), [], new BinaryLosses(losses, new double[n], statuses));
            Assert.All(statuses, status => Assert.Equal(RowStatus.Valid, status));
            var sum = new ExactSum();
            for (int i = 0; i < n; i++)
            {
                sum.AddProduct(weights?[i % example.Classes] ?? 1, losses[i]);
            }

            Generated.Same(example, "sum", example.Sum, sum.ToDouble());
        }
    }

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public void Kernel_and_the_split_over_files_and_shards_change_no_bit(string kernel)
    {
        foreach (var example in BinaryCase.All.Where((c, i) => i % 9 == 0 && c.Rows > 1))
        {
            bool scalars = example.Classes == 1 && example.Seed % 2 == 0;
            example.Write(_folder, scalars);
            string expected = DumpFolder.Evaluate(Plan(example, RowKernel.Parse("scalar"))).Digest();
            example.Write(_folder, scalars, cut: example.Rows / 3);
            var plan = Plan(example, RowKernel.Parse(kernel));
            string digest = DumpFolder.Evaluate(plan with { TileRows = 4, Shards = [.. plan.Shards.Reverse()] }).Digest();
            Assert.True(expected == digest, $"{example}");
        }
    }

    private RunPlan Plan(BinaryCase example, RowKernel kernel) =>
        RunPlan.Create([_folder.Path], example.Options, new PlanOptions { ShardBytes = 100 }) with { Kernel = kernel };

    private static EvaluationResult Evaluate(RunPlan plan) =>
        ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
}
