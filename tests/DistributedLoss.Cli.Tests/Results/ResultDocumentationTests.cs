using System.Text.RegularExpressions;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>docs/results.md explains the fields of docs/result.schema.json, and no others; real results are held against the schema.</summary>
public sealed partial class ResultDocumentationTests
{
    [Fact]
    public void Every_field_of_the_schema_is_explained_and_every_explained_field_is_in_the_schema() =>
        Assert.Equal(ResultSchema.Read().Fields().Order(), Documented().Order());

    private static IEnumerable<string> Documented()
    {
        // Tables further down are about other things.
        foreach (string line in File.ReadLines(Repository.File("docs/results.md")).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal)))
        {
            if (line.StartsWith("| `", StringComparison.Ordinal))
            {
                string parent = "";
                foreach (Match field in Quoted().Matches(line.Split('|')[1]))
                {
                    string name = field.Groups[1].Value;
                    yield return name.StartsWith('.') ? parent + name : name;
                    parent = name.StartsWith('.') ? parent : name[..Math.Max(name.LastIndexOf('.'), 0)];
                }
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
