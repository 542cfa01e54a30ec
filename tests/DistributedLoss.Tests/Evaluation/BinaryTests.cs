using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Independent logits or probabilities with targets from 0 to 1 are PyTorch's F.binary_cross_entropy_with_logits and F.binary_cross_entropy.</summary>
public sealed class BinaryTests
{
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
}
