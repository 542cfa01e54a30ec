using DistributedLoss.Cli.Logging;

namespace DistributedLoss.Cli.Inspection;

/// <summary>For a file that cannot be evaluated as it was asked for: options that would find columns that are there.</summary>
internal static class InspectionAdvice
{
    private const int Limit = 5;

    public static IEnumerable<string> Of(FileInspection file) => file.Columns.Select(Advice).OfType<string>().Take(Limit);

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
