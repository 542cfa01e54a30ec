using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Row losses against 50 digits, the published error bound, and PyTorch.</summary>
public class RowGoldenTests
{
    private static readonly GoldenRow[] Rows = Goldens.Rows();

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Losses_predictions_and_ranks_are_those_of_50_digits(string kernel)
    {
        foreach (GoldenRow row in Rows)
        {
            Evaluated result = Evaluate(kernel, row);
            Assert.Equal(RowStatus.Valid, result.Status[0]);
            Assert.Equal(row.Predicted, result.Predicted[0]);
            Assert.Equal(row.Rank, result.Rank[0]);
            double error = Math.Abs(result.Loss[0] - row.Loss - row.Rest);
            Assert.True(result.Loss[0] == row.Loss || error <= Bound(row), $"{row}: {result.Loss[0]:R} is {error} off, over {Bound(row)}");
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void The_top_loss_is_the_loss_of_the_predicted_class(string kernel)
    {
        foreach (GoldenRow row in Rows)
        {
            Evaluated result = Evaluate(kernel, row);
            Evaluated top = Evaluate(kernel, row with { Label = result.Predicted[0] }, row.Logits());
            Assert.Equal(top.Loss[0], result.TopLoss[0]);
            if (row.Predicted == row.Label)
            {
                Assert.Equal(result.Loss[0], result.TopLoss[0]);
            }
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void A_confident_right_answer_keeps_its_relative_precision(string kernel)
    {
        GoldenRow[] confident = [.. Rows.Where(r => r.Kind is "confident" or "certain" && r.Loss > 0 && r.Classes > 1)];
        Assert.Contains(confident, r => r.Loss is > 1e-301 and < 1e-299);
        foreach (GoldenRow row in confident)
        {
            // 2 ulp and one part in 2^53 for each nat between the maximum and the terms that count.
            double error = Math.Abs(Evaluate(kernel, row).Loss[0] - row.Loss - row.Rest);
            double relative = Math.ScaleB(8 + Math.Abs(Math.Log(row.Loss)) + Math.Log(row.Classes), -53);
            Assert.True(error <= (relative * row.Loss) + double.Epsilon, $"{row}: {error / row.Loss} off, over {relative}");
        }
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Losses_agree_with_PyTorch_in_float64(string kernel)
    {
        foreach (GoldenRow row in Rows)
        {
            double loss = Evaluate(kernel, row).Loss[0];
            Assert.True(loss == row.Torch || Math.Abs(loss - row.Torch) <= 1e-13 * Math.Max(1, row.Torch), $"{row}: {loss:R}");
        }
    }

    /// <summary>(4 + log2 C) 2^-53 + 2 ulp(max(loss, log C)): docs/numerics.md.</summary>
    private static double Bound(GoldenRow row) => Math.ScaleB(4 + Math.Log2(row.Classes), -53)
        + (2 * Goldens.Ulp(Math.Max(row.Loss, Math.Log(row.Classes))));

    private static Evaluated Evaluate(string kernel, GoldenRow row) => Evaluate(kernel, row, row.Logits());

    private static Evaluated Evaluate(string kernel, GoldenRow row, double[] logits) => row.Kind == "float32"
        ? Evaluated.Of(RowKernel.Parse(kernel), Array.ConvertAll(logits, z => (float)z), row.Classes, row.Label)
        : Evaluated.Of(RowKernel.Parse(kernel), logits, row.Classes, row.Label);
}
