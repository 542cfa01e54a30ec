using System.Globalization;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Cli.Inspection;

/// <summary>A column, or a row of numbered columns of one type: fifty thousand flat logits are one line.</summary>
/// <param name="First">Name of the (first) column.</param>
/// <param name="Last">Name of the last column; equal to the first for a single one.</param>
internal sealed record ColumnGroup(string First, string Last, int Columns, string Type, bool Nullable)
{
    public string Name => Columns == 1 ? First : $"{First} ... {Last}";

    public static IReadOnlyList<ColumnGroup> Of(Schema schema)
    {
        var groups = new List<ColumnGroup>();
        foreach (var node in schema.Root.Children)
        {
            var column = new ColumnGroup(node.Name, node.Name, 1, FormatNames.TypeOf(node), node.Repetition == Repetition.Optional);
            if (groups.Count > 0 && groups[^1].IsFollowedBy(column))
            {
                groups[^1] = groups[^1] with { Last = column.First, Columns = groups[^1].Columns + 1 };
            }
            else
            {
                groups.Add(column);
            }
        }

        return groups;
    }

    /// <summary>The common part of numbered names, when they are numbered from 0 as flat logits are.</summary>
    public string? FlatPrefix => Columns > 1 && Number(First) is (var prefix, 0) ? prefix : null;

    private bool IsFollowedBy(ColumnGroup next) =>
        next.Type == Type && next.Nullable == Nullable
        && Number(Last) is var (prefix, number) && Number(next.First) is var (nextPrefix, nextNumber)
        && prefix == nextPrefix && nextNumber == number + 1;

    private static (string Prefix, int Number)? Number(string name)
    {
        string digits = name[(name.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1)..];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && (digits.Length == 1 || digits[0] != '0')
            ? (name[..^digits.Length], number)
            : null;
    }
}
