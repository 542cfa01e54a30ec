using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;
using LogitType = DistributedLoss.Parquet.Writing.LogitType;

namespace DistributedLoss.Tests.Runs;

/// <summary>What rows look like is said only where all rows looked at agree, and raises a doubt only where they cannot be what is declared.</summary>
public sealed class InputLookTests : IDisposable
{
    // scipy.special.softmax, log_softmax and expit of [-1, 0.5, 2], to four digits.
    private static readonly double[] Softmax = [0.0391, 0.1753, 0.7856];
    private static readonly double[] LogSoftmax = [-3.2413, -1.7413, -0.2413];
    private static readonly double[] Sigmoid = [0.2689, 0.6225, 0.8808];

    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_look_like_the_narrowest_kind_that_fits_them_all()
    {
        Assert.Equal(LossInput.Logits, Look([-1, 0.5, 2]).Kind);
        Assert.Equal(LossInput.Probs, Look(Softmax, [0, 1, 0]).Kind);
        Assert.Equal(LossInput.LogProbs, Look(LogSoftmax, [0, double.NegativeInfinity, double.NegativeInfinity]).Kind);
        Assert.Equal(LossInput.BinaryProbs, Look(Sigmoid, Softmax).Kind);
        Assert.Equal(LossInput.BinaryProbs, Look([0.3], [0.9]).Kind);
        Assert.Equal(LossInput.BinaryLogits, Look([0.3], [-0.9]).Kind);
        Assert.Equal(LossInput.Logits, Look(Softmax, LogSoftmax).Kind);
        Assert.Equal(LossInput.Logits, Look(LogSoftmax, [-1, -2, -3]).Kind);
    }

    [Fact]
    public void Padding_invalid_rows_and_flags_tell_nothing()
    {
        Assert.Null(Look().Kind);
        Assert.Null(Look([0, 0, 0]).Kind);
        Assert.Null(Look([0.2, double.NaN, 0.8], [1, 2, double.PositiveInfinity]).Kind);
        Assert.Null(Look([0, 1, 0], [1, 0, 0]).Kind);
        Assert.Equal(LossInput.Probs, Look([0, 0, 0], Softmax, [double.NaN, 0, 0]).Kind);
    }

    [Theory]
    [InlineData(0.009, LossInput.Probs)]
    [InlineData(-0.009, LossInput.Probs)]
    [InlineData(0.011, LossInput.BinaryProbs)]
    [InlineData(-0.011, LossInput.BinaryProbs)]
    public void Sums_may_be_off_by_a_hundredth(double off, LossInput kind) => Assert.Equal(kind, Look([0.25, 0.25, 0.5 + off]).Kind);

    [Fact]
    public void What_cannot_be_as_declared_raises_a_doubt_and_nothing_else_does()
    {
        Assert.Equal(new InputDoubt("logits", "probs", 2, 2), Look(Softmax, Softmax).Doubt(LossInput.Logits));
        Assert.Equal(new InputDoubt("logits", "binary-probs", 2, 2), Look(Softmax, Sigmoid).Doubt(LossInput.Logits));
        Assert.Equal(new InputDoubt("logits", "binary-logits", 1, 1), Look([-3]).Doubt(LossInput.Logits));
        Assert.Equal(new InputDoubt("probs", "logits", 1, 3), Look(Softmax, [-1, 0.5, 2], Softmax).Doubt(LossInput.Probs));
        Assert.Equal(new InputDoubt("probs", "log-probs", 1, 1), Look(LogSoftmax).Doubt(LossInput.Probs));
        Assert.Equal(new InputDoubt("log-probs", "probs", 1, 1), Look(Softmax).Doubt(LossInput.LogProbs));
        Assert.Equal(new InputDoubt("binary-logits", "binary-probs", 2, 2), Elements(Softmax, Sigmoid).Doubt(LossInput.BinaryLogits));
        Assert.Equal(new InputDoubt("binary-probs", "binary-logits", 1, 2), Elements(Softmax, LogSoftmax).Doubt(LossInput.BinaryProbs));
        Assert.Null(Elements(Softmax).Doubt(LossInput.BinaryProbs));
        Assert.Null(Elements(LogSoftmax).Doubt(LossInput.BinaryLogits));
        Assert.Null(Look([-1, 0.5, 2]).Doubt(LossInput.Logits));
        Assert.Null(Look(Softmax).Doubt(LossInput.Probs));
        Assert.Null(Look(LogSoftmax).Doubt(LossInput.LogProbs));
        // The same loss but for rounding: log-softmax of log-probabilities is what they are.
        Assert.Null(Look(LogSoftmax).Doubt(LossInput.Logits));
        Assert.Null(Look().Doubt(LossInput.Probs));
    }

    [Fact]
    public void A_sample_has_rows_of_the_first_the_middle_and_the_last_row_group()
    {
        // 900 rows of three groups; those of the middle one are probabilities.
        string file = Write("d.parquet", 900, 300, i => i is >= 300 and < 600 ? Softmax : Sigmoid);
        var look = InputSample.Read(RunPlan.Create([file], new EvaluationOptions()), 1 << 20);
        Assert.Equal(LossInput.BinaryProbs, look.Kind);
        Assert.Equal(255, look.Rows);
        Assert.Equal(new InputDoubt("probs", "binary-probs", 170, 255), look.Doubt(LossInput.Probs));
    }

    [Fact]
    public void A_sample_ends_where_it_is_enough()
    {
        string file = Write("d.parquet", 900, 300, _ => [-1, 0.5, 2]);
        Assert.Equal(1, InputSample.Read(RunPlan.Create([file], new EvaluationOptions()), 1 << 20, l => l.IsSettled(LossInput.Logits)).Rows);
        string other = Write("e.parquet", 900, 300, _ => Softmax);
        Assert.Equal(255, InputSample.Read(RunPlan.Create([other], new EvaluationOptions()), 1 << 20, l => l.IsSettled(LossInput.Logits)).Rows);
    }

    [Fact]
    public void Rows_that_take_a_larger_page_than_allowed_are_not_looked_at()
    {
        string file = Write("d.parquet", 9000, 9000, _ => Softmax, CompressionCodec.Snappy);
        var plan = RunPlan.Create([file], new EvaluationOptions());
        Assert.Equal(0, InputSample.Read(plan, 1000).Rows);
        Assert.Equal(256, InputSample.Read(plan, 1 << 20).Rows);
    }

    private static InputLook Look(params double[][] rows) => Add(new InputLook(), rows);

    private static InputLook Elements(params double[][] rows) => Add(new InputLook(areElements: true), rows);

    private static InputLook Add(InputLook look, double[][] rows)
    {
        foreach (double[] row in rows)
        {
            look.Add(row);
        }

        return look;
    }

    private string Write(string name, int rows, int rowGroupRows, Func<int, double[]> row, CompressionCodec codec = CompressionCodec.Uncompressed) =>
        _folder.Write(
            name,
            new DumpSchema(3) { LogitType = LogitType.Float64, IdName = null },
            new WriterOptions { Codec = codec, RowGroupRows = rowGroupRows, PageRows = rowGroupRows },
            Enumerable.Range(0, rows).Select(i => new DumpRow([.. row(i).Select(z => (double?)z)], 0)));
}
