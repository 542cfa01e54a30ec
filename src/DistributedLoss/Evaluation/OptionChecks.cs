using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Evaluation;

/// <summary>What the options of a loss may be, before any data is seen.</summary>
internal static class OptionChecks
{
    /// <exception cref="BadOptionException">One is out of range, or two exclude each other.</exception>
    public static void Check(this EvaluationOptions options)
    {
        var loss = options.Loss;
        if (!(loss.Temperature > 0) || !double.IsFinite(loss.Temperature))
        {
            throw new BadOptionException($"--temperature {loss.Temperature}: logits are divided by it; give a finite number above 0");
        }

        if (!(loss.LabelSmoothing >= 0 && loss.LabelSmoothing <= 1))
        {
            throw new BadOptionException($"--label-smoothing {loss.LabelSmoothing}: give a number from 0 to 1");
        }

        if (!(loss.SumTolerance >= 0 && loss.SumTolerance < 1))
        {
            throw new BadOptionException($"--sum-tolerance {loss.SumTolerance}: give a number of at least 0 and below 1");
        }

        if (loss.Input != LossInput.Logits && loss.Temperature != 1)
        {
            throw new BadOptionException("--temperature divides logits: probabilities are taken as they are; leave it out, or give --input logits");
        }

        if (loss.Input != LossInput.Logits && loss.LabelSmoothing != 0)
        {
            throw new BadOptionException("--label-smoothing is for logits: probabilities are taken as they are; leave it out, or give --input logits");
        }

        for (int c = 0; c < options.ClassWeights?.Count; c++)
        {
            if (!(options.ClassWeights[c] >= 0) || !double.IsFinite(options.ClassWeights[c]))
            {
                throw new BadOptionException($"--class-weights: the weight of class {c} is {options.ClassWeights[c]}; give finite numbers of at least 0");
            }
        }
    }
}
