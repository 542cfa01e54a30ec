using System.Text;

namespace DistributedLoss.Cli.Output;

/// <summary>Aligned columns without a box: it survives pipes, logs and narrow windows. The last column is left-aligned and may be of any width.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [];

    /// <summary>Columns from the left that are left-aligned; those between them and the last hold numbers.</summary>
    public int LeftAligned { get; init; }

    /// <summary>Whether the last column is text.</summary>
    public bool TextLast { get; init; }

    public void Add(params string[] cells)
    {
        if (cells.Length != headers.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {headers.Length} columns", nameof(cells));
        }

        _rows.Add(cells);
    }

    /// <param name="style">For the line of headers.</param>
    public IEnumerable<string> Lines(string indent, Func<string, string> style)
    {
        int[] widths = new int[headers.Length];
        for (int i = 0; i < widths.Length; i++)
        {
            widths[i] = headers[i].Length;
            foreach (string[] row in _rows)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        yield return style(Line(indent, headers, widths));
        foreach (string[] row in _rows)
        {
            yield return Line(indent, row, widths);
        }
    }

    private string Line(string indent, string[] cells, int[] widths)
    {
        var line = new StringBuilder(indent);
        for (int i = 0; i < cells.Length; i++)
        {
            bool left = i < LeftAligned || (TextLast && i == cells.Length - 1);
            line.Append(i == 0 ? "" : Gap).Append(left ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i]));
        }

        return line.ToString().TrimEnd();
    }
}
