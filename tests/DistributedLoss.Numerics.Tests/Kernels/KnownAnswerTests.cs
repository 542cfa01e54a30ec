using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

public class KnownAnswerTests
{
    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Softmax_of_minus9_5_10_is_the_published_one(string kernel)
    {
        double[] probabilities = new double[3];
        RowKernel.Parse(kernel).Softmax([-9, 5, 10], probabilities);
        Assert.Equal(5.5653e-09, probabilities[0], 5e-14);
        Assert.Equal(6.6929e-03, probabilities[1], 5e-8);
        Assert.Equal(9.9331e-01, probabilities[2], 5e-6);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Three_rows_of_five_have_the_published_losses(string kernel)
    {
        double[] logits =
        [
            -0.7514, 1.2616, -0.4232, 1.3868, 1.2298,
            1.5341, -0.4240, 0.0112, -0.5188, 0.1129,
            -2.6143, 0.1532, 0.0868, -0.8231, 0.7698,
        ];
        Evaluated rows = Evaluated.Of(RowKernel.Parse(kernel), logits, 5, 3, 0, 1);

        // The published logits were rounded to four decimals after the losses were taken: each logit is off by up to 5e-5.
        const double Printed = 1e-4;
        Assert.Equal(1.1048, rows.Loss[0], Printed);
        Assert.Equal(0.5476, rows.Loss[1], Printed);
        Assert.Equal(1.4417, rows.Loss[2], Printed);
        Assert.Equal(1.0314, rows.Loss.Average(), Printed);

        // PyTorch 1.13, float64, of the logits as printed.
        Assert.Equal(1.1047750693, rows.Loss[0], 1e-10);
        Assert.Equal(0.5475380562, rows.Loss[1], 1e-10);
        Assert.Equal(1.4417044896, rows.Loss[2], 1e-10);
        Assert.Equal([3, 0, 4], rows.Predicted);
        Assert.Equal([1, 1, 2], rows.Rank);
    }

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Uniform_rows_lose_log_C(string kernel)
    {
        foreach (int classes in (int[])[1, 2, 3, 7, 8, 9, 63, 64, 65, 128, 129, 1000, 1024])
        {
            Evaluated row = Evaluated.Of(RowKernel.Parse(kernel), new double[classes], classes, classes - 1);
            Assert.Equal(Math.Log(classes), row.Loss[0], 2 * Math.BitIncrement(Math.Log(classes)) * 2.3e-16);
            Assert.Equal(0, row.Predicted[0]);
            Assert.Equal(classes, row.Rank[0]);
        }
    }
}
