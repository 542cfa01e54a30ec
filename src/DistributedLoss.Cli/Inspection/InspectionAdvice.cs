using DistributedLoss.Cli.Logging;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Inspection;

/// <summary>Options to give: those that would find columns that are there, and what the values look like.</summary>
internal static class InspectionAdvice
{
    private const int Limit = 5;

    public static IEnumerable<string> Of(FileInspection file) => file.Columns.Select(Advice).OfType<string>().Take(Limit);

    public static string Of(InputLook look, TargetKind target)
    {
        string looked = $"{Quantity.Count(look.Rows)} rows looked at";
        return look.Kind switch
        {
            LossInput.Logits => $"look like logits ({looked}): --input logits, the default",
            LossInput.LogProbs => $"look like log-probabilities ({looked}): --input log-probs, or logits, which gives the same loss",
            LossInput.Probs => $"look like probabilities, each row summing to 1 ({looked}): --input probs",
            LossInput.BinaryProbs => $"look like independent probabilities ({looked}): --input binary-probs",
            LossInput.BinaryLogits => $"look like independent logits ({looked}): --input binary-logits",
            _ when target == TargetKind.Binary => "have targets of their own: --input binary-logits or binary-probs",
            _ => "could be anything: no row that is cheaply read tells; see dloss evaluate --help, --input",
        };
    }

    private static string? Advice(ColumnGroup column)
    {
        string name = OneLine.Of(column.First);
        return column switch
        {
            { Type: "list<float>" or "list<double>" or "list<float16>" } => $"--logits {name} could name the logits ({column.Type})",
            { Type: "float" or "double" or "float16", FlatPrefix: { } prefix } => $"--logits-prefix {OneLine.Of(prefix)} could name the logits ({column.Columns} columns of {column.Type})",
            { Columns: 1, Type: "byte_array" } => $"--logits {name} --packed TYPE could name the logits ({column.Type})",
            { Columns: 1 } when column.Type.StartsWith("fixed_len_byte_array", StringComparison.Ordinal) => $"--logits {name} --packed TYPE could name the logits ({column.Type})",
            { Columns: 1 } when column.Type.StartsWith("int", StringComparison.Ordinal) || column.Type.StartsWith("uint", StringComparison.Ordinal) => $"--label {name} could name the labels ({column.Type})",
            _ => null,
        };
    }
}
