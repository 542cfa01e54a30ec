using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DistributedLoss.EndToEnd.Containers;

/// <summary>What can be held of the image where nothing can build it; scripts/containers builds and runs it.</summary>
public partial class DockerfileTests
{
    private static readonly string[] Lines = Repository.Read("Dockerfile").ReplaceLineEndings("\n").Replace("\\\n", " ").Split('\n');

    [Fact]
    public void Packages_are_restored_for_every_project_that_the_command_is_made_of()
    {
        string[] projects = [.. Closure("src/DistributedLoss.Cli/DistributedLoss.Cli.csproj").Order(StringComparer.Ordinal)];
        int restore = Array.FindIndex(Lines, l => l.StartsWith("RUN ", StringComparison.Ordinal) && l.Contains(" dotnet restore ", StringComparison.Ordinal));
        string[] copied = [.. Lines.Take(restore).SelectMany(l => Project().Matches(l)).Select(m => m.Value).Order(StringComparer.Ordinal)];
        Assert.Equal(projects, copied);
    }

    [Fact]
    public void What_is_copied_is_let_through_by_dockerignore()
    {
        string[] allowed = [.. Repository.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..].TrimEnd())];
        string[] copied = [.. Lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..^1])];
        Assert.NotEmpty(copied);
        Assert.All(copied, source =>
        {
            Assert.True(Path.Exists(Repository.File(source)), $"{source} is not there");
            Assert.Contains(source.Split('/')[0], allowed);
        });
    }

    [Fact]
    public void The_user_is_a_number_that_is_not_root_and_any_builder_can_read_the_file()
    {
        Assert.Matches("^USER [1-9][0-9]*(:[1-9][0-9]*)?$", Lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.DoesNotContain(Lines, l => l.StartsWith("# syntax=", StringComparison.Ordinal) || l.Contains("--mount=", StringComparison.Ordinal));
    }

    private static HashSet<string> Closure(string project)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { project };
        var folder = Path.GetDirectoryName(project)!;
        foreach (string reference in XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value))
        {
            string path = Path.GetRelativePath(Repository.File("."), Path.GetFullPath(Path.Combine(Repository.File(folder), reference)));
            found.UnionWith(Closure(path.Replace('\\', '/')));
        }

        return found;
    }

    [GeneratedRegex(@"src/\S+\.csproj")]
    private static partial Regex Project();
}
