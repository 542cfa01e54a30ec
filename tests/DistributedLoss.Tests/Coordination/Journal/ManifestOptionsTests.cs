using System.Reflection;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Tests.Coordination.Journal;

public class ManifestOptionsTests
{
    private static readonly Dictionary<string, EvaluationOptions> Changed = new()
    {
        [nameof(EvaluationOptions.LogitsColumn)] = new() { LogitsColumn = "z" },
        [nameof(EvaluationOptions.LogitsPrefix)] = new() { LogitsPrefix = "z_" },
        [nameof(EvaluationOptions.Packed)] = new() { Packed = FloatFormat.BFloat16 },
        [nameof(EvaluationOptions.LabelColumn)] = new() { LabelColumn = "y" },
        [nameof(EvaluationOptions.ClassNames)] = new() { ClassNames = ["a", "b"] },
        [nameof(EvaluationOptions.IgnoreIndex)] = new() { IgnoreIndex = 0 },
        [nameof(EvaluationOptions.Loss)] = new() { Loss = new LossFunction { Temperature = 2 } },
        [nameof(EvaluationOptions.ClassWeights)] = new() { ClassWeights = [1, 2] },
        [nameof(EvaluationOptions.PositiveWeights)] = new() { PositiveWeights = [1, 2] },
        [nameof(EvaluationOptions.SampleWeightColumn)] = new() { SampleWeightColumn = "w" },
        [nameof(EvaluationOptions.NumClasses)] = new() { NumClasses = 3 },
        [nameof(EvaluationOptions.TopK)] = new() { TopK = [2] },
        [nameof(EvaluationOptions.OnInvalid)] = new() { OnInvalid = InvalidRowPolicy.Skip },
        [nameof(EvaluationOptions.Hardest)] = new() { Hardest = 3 },
        [nameof(EvaluationOptions.Statistics)] = new() { Statistics = StatisticKinds.All },
        [nameof(EvaluationOptions.SliceBy)] = new() { SliceBy = [["a", "b"], ["c"]] },
        [nameof(EvaluationOptions.GroupByColumn)] = new() { GroupByColumn = "g" },
        [nameof(EvaluationOptions.BytesColumn)] = new() { BytesColumn = "b" },
    };

    private static readonly Dictionary<string, LossFunction> ChangedLoss = new()
    {
        [nameof(LossFunction.Input)] = new() { Input = LossInput.Probs },
        [nameof(LossFunction.Temperature)] = new() { Temperature = 2 },
        [nameof(LossFunction.LabelSmoothing)] = new() { LabelSmoothing = 0.1 },
        [nameof(LossFunction.SumTolerance)] = new() { SumTolerance = 0.1 },
    };

    [Fact]
    public void Whatever_can_change_a_number_is_in_the_manifest()
    {
        Assert.Equal(Settable(typeof(EvaluationOptions)).Except([nameof(EvaluationOptions.MaxSlices)]), Changed.Keys.Order());
        Assert.Equal(Settable(typeof(LossFunction)), ChangedLoss.Keys.Order());
        var plain = ManifestOptions.Of(new EvaluationOptions());
        foreach (var options in Changed.Values.Concat(ChangedLoss.Values.Select(loss => new EvaluationOptions { Loss = loss })))
        {
            Assert.Single(ManifestOptions.Of(options).Except(plain));
        }
    }

    private static IEnumerable<string> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => p.Name).Order();
}
