using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Rows that are sequences of positions, each with logits and a label, have the figures that PyTorch has for the positions in one batch.</summary>
public sealed class SequenceTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ragged_sequences_agree_with_PyTorch_and_have_the_digest_of_their_positions()
    {
        var cases = LossOptionCase.All.Where(c => c.SampleWeights == "none" && c.Rows > 0).Take(300).ToArray();
        Assert.True(cases.Count(c => c.Mean is not null) > 150);
        foreach (var example in cases)
        {
            example.Write(_folder, LogitLayout.List);
            string flat = DumpFolder.Evaluate(Plan(example)).Digest();
            File.Delete(_folder["b.parquet"]);
            example.WriteSequences(_folder["a.parquet"]);
            var plan = Plan(example);
            var result = ResultBuilder.Build(plan, DumpFolder.Evaluate(plan), new ShardFigures(0, 0, 0, 0), DateTimeOffset.UnixEpoch, TimeSpan.Zero, "local", 1);
            Assert.True(result.Rows.Evaluated == example.Evaluated && result.Rows.Total == example.Rows, $"{example}: {result.Rows.Evaluated} of {result.Rows.Total} positions");
            Generated.Same(example, "mean", example.Mean, result.Loss.Mean);
            Generated.Same(example, "sum", example.Evaluated == 0 ? null : example.Sum, result.Loss.Sum);
            Generated.Same(example, "denominator", example.Denominator, result.Loss.Denominator);
            Assert.True(flat == result.Digest, $"{example}");
        }
    }

    private RunPlan Plan(LossOptionCase example) =>
        RunPlan.Create([_folder.Path], example.Options, new PlanOptions { ShardBytes = 100 }) with { Kernel = RowKernel.Default };
}
