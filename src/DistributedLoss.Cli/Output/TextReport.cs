namespace DistributedLoss.Cli.Output;

/// <summary>A report for people, line by line: fields, headings, tables; colour only where the terminal has it.</summary>
internal sealed class TextReport(TextWriter writer, bool colour)
{
    public const string Indent = "  ";

    private const int NameWidth = 12;

    /// <param name="name">Empty for one more line of the field above.</param>
    public void Field(string name, string value) => Line($"{Dim(name.PadRight(NameWidth))}{value}");

    public void Heading(string text) => Line(Bold(text));

    public void Table(TextTable table)
    {
        foreach (string line in table.Lines(Indent, Dim))
        {
            Line(line);
        }
    }

    /// <summary>A line that belongs to the table above.</summary>
    public void Note(string text) => Line($"{Indent}{text}");

    public void Blank() => writer.Write('\n');

    public string Bold(string text) => colour ? $"\e[1m{text}\e[0m" : text;

    private void Line(string text) => writer.Write($"{text}\n");

    private string Dim(string text) => colour ? $"\e[2m{text}\e[0m" : text;
}
