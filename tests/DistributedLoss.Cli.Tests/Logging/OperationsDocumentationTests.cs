using System.Text.RegularExpressions;

namespace DistributedLoss.Cli.Tests.Logging;

/// <summary>Each line of a log that docs/operations.md shows is one that the source still has the words for.</summary>
public partial class OperationsDocumentationTests
{
    /// <summary>Characters that a text in the source must share with a line: enough to be no other's.</summary>
    private const int Words = 16;

    private static readonly Lazy<string[][]> Texts = new(ReadTexts);

    public static TheoryData<string> Lines() => [.. File.ReadLines(Repository.File("docs/operations.md")).Select(l => LogLine().Match(l)).Where(m => m.Success).Select(m => m.Groups["message"].Value)];

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_documented_line_has_the_words_of_the_source(string line) =>
        Assert.True(
            Texts.Value.Any(text => IsIn(line, text)),
            $"no text in src has the words of this line of docs/operations.md, which a failure is to show as it is printed: {line}");

    [Fact]
    public void There_are_lines_to_hold() => Assert.InRange(Lines().Count, 30, 1000);

    private static bool IsIn(string line, string[] text)
    {
        int at = 0;
        foreach (string part in text)
        {
            at = line.IndexOf(part, at, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            at += part.Length;
        }

        return true;
    }

    /// <summary>The fixed parts of every text in the source, around what is put into it.</summary>
    private static string[][] ReadTexts() =>
    [
        .. from file in Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
           where !file.Contains("/obj/", StringComparison.Ordinal)
           from Match literal in Literal().Matches(File.ReadAllText(file))
           let parts = Hole().Split(literal.Groups["text"].Value).Where(p => p.Length > 0).ToArray()
           where parts.Sum(p => p.Length) >= Words
           select parts,
    ];

    [GeneratedRegex(@"^(coordinator|worker)\s+(?<message>dloss: (error|warning): .+|\d\d:\d\d:\d\d (info|warning) +\S.+)$")]
    private static partial Regex LogLine();

    // A hole in a text may hold texts of its own.
    [GeneratedRegex("""(?<!\\)"(?<text>(?:\{(?:[^{}"\r\n]|"[^"\r\n]*")*\}|[^"\\\r\n]|\\.)*)["]""")]
    private static partial Regex Literal();

    [GeneratedRegex("""\{(?:[^{}"]|"[^"]*")*\}""")]
    private static partial Regex Hole();
}
