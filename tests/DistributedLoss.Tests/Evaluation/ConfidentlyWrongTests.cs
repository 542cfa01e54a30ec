using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;
using LogitType = DistributedLoss.Parquet.Writing.LogitType;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>
/// A confidently wrong row loses what it loses. Where log(exp(z)) underflows, or log p is clamped or "cleaned" of infinities, such rows add 0 or a
/// constant, and the worst rows of a model improve its mean.
/// </summary>
public sealed class ConfidentlyWrongTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, LogitType, LogitLayout> Storages
    {
        get
        {
            var storages = new TheoryData<string, LogitType, LogitLayout>();
            foreach (string kernel in (string[])["scalar", "128", "256", "512"])
            {
                foreach (var type in Enum.GetValues<LogitType>())
                {
                    storages.Add(kernel, type, LogitLayout.PackedFixed);
                }

                storages.Add(kernel, LogitType.Float32, LogitLayout.Flat);
            }

            return storages;
        }
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public void A_gap_of_ten_thousand_is_a_loss_of_ten_thousand(string kernel, LogitType type, LogitLayout layout)
    {
        foreach (int classes in (int[])[2, 5, 10, 65, 130])
        {
            // 9984 is exact in every type, and the other classes' exps are 0 beside 1.
            Write(classes, type, layout, -9984, 0);
            var totals = Evaluate(kernel, type, layout);
            Assert.Equal((2, 0, 9984.0 / 2), (totals.Rows.Evaluated, totals.Losses.InfiniteCount, totals.MeanLoss));
        }
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public void A_label_that_is_masked_out_is_an_infinite_loss(string kernel, LogitType type, LogitLayout layout)
    {
        foreach (int classes in (int[])[2, 5, 10, 65, 130])
        {
            Write(classes, type, layout, double.NegativeInfinity, 0);
            var totals = Evaluate(kernel, type, layout);
            Assert.Equal((2, 1, double.PositiveInfinity), (totals.Rows.Evaluated, totals.Losses.InfiniteCount, totals.MeanLoss));
            Assert.Equal(double.PositiveInfinity, totals.Hardest.ToSorted()[0].Loss);
        }
    }

    [Theory]
    [InlineData(LossInput.Probs, 0.0, double.PositiveInfinity)]
    [InlineData(LossInput.Probs, double.Epsilon, 744.4400719213812)] // 1074 ln 2
    [InlineData(LossInput.LogProbs, double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData(LossInput.LogProbs, -1e4, 1e4)]
    [InlineData(LossInput.LogProbs, -1e300, 1e300)]
    [InlineData(LossInput.Logits, -1e300, 1e300)]
    public void No_value_is_clipped(LossInput input, double value, double loss)
    {
        double sure = input == LossInput.Probs ? 1 : 0;
        var schema = new DumpSchema(2) { LogitType = LogitType.Float64, IdName = null };
        using (var writer = new DumpWriter(_folder["dump.parquet"], schema))
        {
            writer.AppendRow([value, sure], 0);
            writer.Close();
        }

        var totals = DumpFolder.Evaluate(RunPlan.Create([_folder.Path], new EvaluationOptions { Loss = new LossFunction { Input = input } }));
        Assert.Equal(1, totals.Rows.Evaluated);
        Assert.Equal(loss, totals.MeanLoss);
        Assert.Equal(double.IsInfinity(loss) ? 1 : 0, totals.Losses.InfiniteCount);
    }

    // A confidently wrong row and a confidently right one, whose loss is 0 or so small that it does not show beside the other.
    private void Write(int classes, LogitType type, LogitLayout layout, double wrong, int label)
    {
        var schema = new DumpSchema(classes) { LogitType = type, Layout = layout, LogitsPrefix = "logits_", IdName = null };
        using var writer = new DumpWriter(_folder["dump.parquet"], schema);
        double[] row = [.. Enumerable.Range(0, classes).Select(c => c == label ? wrong : c == classes - 1 ? 0 : -9984.0)];
        writer.AppendRow(row, label);
        writer.AppendRow(row, classes - 1);
        writer.Close();
    }

    private Totals Evaluate(string kernel, LogitType type, LogitLayout layout)
    {
        var options = new EvaluationOptions
        {
            LogitsPrefix = layout == LogitLayout.Flat ? "logits_" : null,
            Packed = layout == LogitLayout.Flat ? null : Enum.Parse<Parquet.Columns.FloatFormat>(type.ToString()),
        };
        return DumpFolder.Evaluate(RunPlan.Create([_folder.Path], options) with { Kernel = RowKernel.Parse(kernel) });
    }
}
