using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Row losses of blocks of logits (docs/numerics.md). Four kernels run one algorithm at four register widths; each runs on any CPU, in
/// software if need be, with the same bits. Instances are immutable and may be shared between threads.
/// </summary>
public sealed class RowKernel
{
    /// <summary>Environment variable that forces a kernel by name.</summary>
    public const string Variable = "DLOSS_KERNEL";

    private static readonly RowKernel Scalar = new("scalar", new RowEvaluator<ScalarLane>());
    private static readonly RowKernel Wide128 = new("128", new RowEvaluator<Lanes128>());
    private static readonly RowKernel Wide256 = new("256", new RowEvaluator<Lanes256>());
    private static readonly RowKernel Wide512 = new("512", new RowEvaluator<Lanes512>());

    private readonly RowEvaluator _evaluator;

    private RowKernel(string name, RowEvaluator evaluator)
    {
        Name = name;
        _evaluator = evaluator;
    }

    /// <summary>All kernels, narrowest first.</summary>
    public static IReadOnlyList<RowKernel> All { get; } = [Scalar, Wide128, Wide256, Wide512];

    /// <summary>The kernel that <see cref="Variable"/> names, else the fastest on this CPU.</summary>
    /// <exception cref="ArgumentException">The variable names no kernel.</exception>
    public static RowKernel Default => Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>scalar, 128, 256 or 512.</summary>
    public string Name { get; }

    internal RowEvaluator Evaluator => _evaluator;

    /// <exception cref="ArgumentException">No kernel has this name.</exception>
    public static RowKernel Parse(string name)
    {
        foreach (RowKernel kernel in All)
        {
            if (kernel.Name == name)
            {
                return kernel;
            }
        }

        throw new ArgumentException($"no kernel is called '{name}': it is scalar, 128, 256 or 512 ({Variable} sets it)", nameof(name));
    }

    /// <summary>
    /// Loss, prediction and rank of each row. <paramref name="labels"/> has one entry per row, a class or -1 to skip the row.
    /// Allocates nothing.
    /// </summary>
    /// <exception cref="ArgumentException">A span is shorter than the block has rows, or a label is no class.</exception>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses) =>
        Evaluate(block, labels, losses, RowStrategy.Fastest);

    /// <summary>exp(z - max) / sum, by class. Empty gives empty; NaN, +inf or nothing but -inf gives NaN.</summary>
    public void Softmax(ReadOnlySpan<double> logits, Span<double> probabilities)
    {
        if (probabilities.Length < logits.Length)
        {
            throw new ArgumentException($"{logits.Length} logits do not fit {probabilities.Length} probabilities", nameof(probabilities));
        }

        _evaluator.Softmax(logits, probabilities);
    }

    /// <summary>exp(-x) of each, within 1 ulp: probabilities from losses. NaN gives NaN; a loss just below 0, as of a probability above 1, is welcome.</summary>
    /// <exception cref="ArgumentException">There is less room than values.</exception>
    public void ExpOfMinus(ReadOnlySpan<double> losses, Span<double> results)
    {
        CheckLength(results.Length, losses.Length, "results");
        _evaluator.ExpOfMinus(losses, results);
    }

    internal static RowKernel Choose(string? forced)
    {
        if (!string.IsNullOrEmpty(forced))
        {
            return Parse(forced);
        }

        // .NET says false for Vector512 on CPUs whose clock it expects to drop; AVX-512 code runs there all the same, and this loop is all
        // arithmetic: on a Sapphire Rapids it takes 0.7 to 0.9 of the time at 256 bits.
        return Vector512.IsHardwareAccelerated || Avx512F.IsSupported ? Wide512
            : Vector256.IsHardwareAccelerated ? Wide256
            : Vector128.IsHardwareAccelerated ? Wide128
            : Scalar;
    }

    internal void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, RowStrategy strategy)
    {
        CheckLength(labels.Length, block.Rows, "labels");
        CheckLength(losses.Loss.Length, block.Rows, "losses");
        CheckLength(losses.Predicted.Length, block.Rows, "predictions");
        CheckLength(losses.Rank.Length, block.Rows, "ranks");
        CheckLength(losses.Status.Length, block.Rows, "statuses");
        if (!losses.TopLoss.IsEmpty)
        {
            CheckLength(losses.TopLoss.Length, block.Rows, "top losses");
        }
        labels = labels[..block.Rows];
        int outside = Scan.FirstOutside(labels, -1, block.Classes - 1);
        if (outside >= 0)
        {
            throw new ArgumentException(
                $"label {labels[outside]} of row {outside} is neither a class in [0, {block.Classes}) nor -1", nameof(labels));
        }

        _evaluator.Evaluate(block, labels, losses, strategy);
    }

    internal static void CheckLength(int length, int rows, string what)
    {
        if (length < rows)
        {
            throw new ArgumentException($"{rows} rows need as many {what}, not {length}");
        }
    }
}
