using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Class weights, sample weights, label smoothing, temperature, ignore index and inputs, in every combination, are PyTorch's.</summary>
public sealed class LossOptionTests : IDisposable
{
    private static readonly LogitLayout[] Layouts = [LogitLayout.List, LogitLayout.Flat, LogitLayout.PackedFixed, LogitLayout.PackedBinary];

    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_thousand_combinations_agree_with_PyTorch()
    {
        Assert.True(LossOptionCase.All.Count(c => c.Mean is not null) > 1000);
        Agree(LossOptionCase.All);
    }

    [Fact]
    public void Log_probabilities_and_probabilities_agree_with_nll_loss() => Agree(LossOptionCase.Nll);

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public void Kernel_layout_and_the_split_over_files_and_shards_change_no_bit(string kernel)
    {
        // One case in nine; all kinds of options are among them.
        foreach (var example in LossOptionCase.All.Where((c, i) => i % 9 == 0 && c.Rows > 1))
        {
            example.Write(_folder, LogitLayout.List);
            string expected = DumpFolder.Evaluate(Plan(example, LogitLayout.List, RowKernel.Parse("scalar"))).Digest();
            var layout = Layouts[(int)example.Seed % Layouts.Length];
            example.Write(_folder, layout, cut: example.Rows / 3);
            var plan = Plan(example, layout, RowKernel.Parse(kernel));
            string digest = DumpFolder.Evaluate(plan with { TileRows = 4, Shards = [.. plan.Shards.Reverse()] }).Digest();
            Assert.True(expected == digest, $"{example} as {layout}");
        }
    }

    private RunPlan Plan(LossOptionCase example, LogitLayout layout, RowKernel kernel)
    {
        var options = example.Options with
        {
            LogitsPrefix = layout == LogitLayout.Flat ? "logits_" : null,
            Packed = layout is LogitLayout.PackedFixed or LogitLayout.PackedBinary ? Parquet.Columns.FloatFormat.Float64 : null,
        };
        return RunPlan.Create([_folder.Path], options, new PlanOptions { ShardBytes = 100 }) with { Kernel = kernel };
    }

    private void Agree(IReadOnlyList<LossOptionCase> cases)
    {
        foreach (var example in cases)
        {
            example.Write(_folder, LogitLayout.List);
            var (loss, rows) = Evaluate(Plan(example, LogitLayout.List, RowKernel.Default));
            Assert.True(rows.Evaluated == example.Evaluated && rows.Total == example.Rows, $"{example}: {rows.Evaluated} of {rows.Total} rows");
            Generated.Same(example, "mean", example.Mean, loss.Mean);
            Generated.Same(example, "sum", example.Evaluated == 0 ? null : example.Sum, loss.Sum);
            Generated.Same(example, "denominator", example.Denominator, loss.Denominator);

            // Where the losses are nearly equal, the rounding of each is all that the error has.
            Generated.Same(example, "standard error", example.StandardError, loss.StandardError, 1e-12 * Math.Abs(example.Mean ?? 0));
        }
    }

    private static (LossFigures Loss, RowFigures Rows) Evaluate(RunPlan plan)
    {
        var result = ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
        return (result.Loss, result.Rows);
    }
}
