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

        if (loss.Input.IsBinary() && loss.LabelSmoothing != 0)
        {
            throw new BadOptionException($"--label-smoothing is for classes that exclude each other: leave it out with --input {LossInputs.Name(loss.Input)}");
        }

        if (loss.Input.IsBinary() && options.TopK is not null)
        {
            throw new BadOptionException($"--top-k is for classes that exclude each other: leave it out with --input {LossInputs.Name(loss.Input)}");
        }

        if (options.PositiveWeights is not null && loss.Input != LossInput.BinaryLogits)
        {
            throw new BadOptionException("--pos-weight is for --input binary-logits; leave it out, or declare them");
        }

        if (loss.Input is not (LossInput.Logits or LossInput.BinaryLogits) && loss.Temperature != 1)
        {
            throw new BadOptionException("--temperature divides logits: probabilities are taken as they are; leave it out, or give --input logits");
        }

        if (loss.Input != LossInput.Logits && loss.LabelSmoothing != 0)
        {
            throw new BadOptionException("--label-smoothing is for logits: probabilities are taken as they are; leave it out, or give --input logits");
        }

        if (options.SlopeTemperatures.Count > 0)
        {
            CheckSlopes(options);
        }

        CheckWeights("--class-weights", options.ClassWeights);
        CheckWeights("--pos-weight", options.PositiveWeights);
    }

    private static void CheckSlopes(EvaluationOptions options)
    {
        if (options.Loss.Input is not (LossInput.Logits or LossInput.BinaryLogits))
        {
            throw new BadOptionException($"--input {LossInputs.Name(options.Loss.Input)}: a temperature divides logits, and probabilities are taken as they are; calibrate logits, or binary-logits");
        }

        foreach (double temperature in options.SlopeTemperatures)
        {
            if (!(temperature > 0) || !double.IsFinite(temperature))
            {
                throw new BadOptionException($"slopes at the temperature {temperature}: it must be a finite number above 0");
            }
        }
    }

    private static void CheckWeights(string option, IReadOnlyList<double>? weights)
    {
        for (int c = 0; c < weights?.Count; c++)
        {
            if (!(weights[c] >= 0) || !double.IsFinite(weights[c]))
            {
                throw new BadOptionException($"{option}: the weight of class {c} is {weights[c]}; give finite numbers of at least 0");
            }
        }
    }
}
