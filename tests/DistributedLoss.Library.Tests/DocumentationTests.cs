using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DistributedLoss.Library.Tests;

public partial class DocumentationTests
{
    /// <summary><c>scripts/pack --check</c> compiles and runs those files against the packed package; what people read is what ran.</summary>
    [Fact]
    public void Every_example_is_quoted_as_it_is()
    {
        var quoted = Quote().Matches(Repository.Read("docs/library.md")).ToDictionary(m => m.Groups["file"].Value, m => m.Groups["code"].Value);
        Assert.Equal(
            Directory.GetFiles(Repository.File("docs/examples"), "*.cs").Select(f => $"docs/examples/{Path.GetFileName(f)}").Order(StringComparer.Ordinal),
            quoted.Keys.Order(StringComparer.Ordinal));
        Assert.All(quoted, q => Assert.Equal(Repository.Read(q.Key), q.Value));
    }

    [Fact]
    public void The_package_documents_its_entrance_with_every_exception()
    {
        var members = XDocument.Load(Path.ChangeExtension(typeof(LossEvaluation).Assembly.Location, ".xml")).Descendants("member").ToArray();
        var evaluate = members.Single(m => m.Attribute("name")!.Value.StartsWith("M:DistributedLoss.LossEvaluation.Evaluate(", StringComparison.Ordinal));
        string[] exceptions = [.. evaluate.Elements("exception").Select(e => e.Attribute("cref")!.Value.Split('.')[^1])];
        string guide = Repository.Read("docs/library.md");
        Assert.NotEmpty(exceptions);
        Assert.All(exceptions, e => Assert.Contains($"`{e}`", guide, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"<!-- (?<file>docs/examples/\S+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Quote();
}
