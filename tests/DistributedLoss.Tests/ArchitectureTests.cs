using System.Xml.Linq;

namespace DistributedLoss.Tests;

/// <summary>The house's dependency arrows: Cli -> {engines, Http -> Reports} and Library -> Local -> DistributedLoss -> {Numerics, Remote -> Parquet}, and nothing else sideways or up.</summary>
public class ArchitectureTests
{
    private const string Core = "DistributedLoss";
    private const string Numerics = "DistributedLoss.Numerics";
    private const string Parquet = "DistributedLoss.Parquet";
    private const string Remote = "DistributedLoss.Remote";
    private const string Cli = "DistributedLoss.Cli";
    private const string Http = "DistributedLoss.Http";
    private const string Reports = "DistributedLoss.Reports";
    private const string Library = "DistributedLoss.Library";
    private static readonly string[] Engines = ["DistributedLoss.Local", "DistributedLoss.RabbitMq", "DistributedLoss.Akka"];

    /// <summary>What each project may refer to. An engine knows the pipeline alone; the pipeline's two halves know nothing.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Numerics] = [],
        [Parquet] = [],
        [Remote] = [Parquet],
        [Core] = [Numerics, Parquet, Remote],
        [Cli] = [.. Engines, Http, Reports, Core],
        [Http] = [Reports, Core],
        [Reports] = [Core],
        [Library] = [Engines[0], Core],
        [Engines[0]] = [Core],
        [Engines[1]] = [Core],
        [Engines[2]] = [Core],
    };

    public static TheoryData<string> SourceProjects() => [.. ProjectFiles("src").Select(p => Path.GetFileNameWithoutExtension(p)!)];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_refers_only_downwards(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed),
            $"src/{project} is a room that the design does not name. Add it and its arrows to {nameof(ArchitectureTests)}.{nameof(Allowed)} and to the map in CONTRIBUTING.md, or fold it into a room that is there.");
        var unexpected = References(project).Except(allowed).Order().ToArray();
        Assert.True(unexpected.Length == 0,
            $"{project} -> {string.Join(", ", unexpected)} is a new arrow; {project} may refer to {Describe(allowed)}. "
            + "Move the code that needs it to the project above, or turn the dependency round with an interface below; if the design itself changes, change it here too.");
    }

    [Fact]
    public void Numerics_refers_to_no_package()
    {
        var packages = Load(SourcePath(Numerics)).Descendants("PackageReference").Select(Include).ToArray();
        Assert.True(packages.Length == 0,
            $"{Numerics} refers to {string.Join(", ", packages)}. It is pure arithmetic whose bits must not move with a package's version: write it here, or use the package in a project above.");
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_has_a_test_project_and_both_are_in_the_solution(string project)
    {
        var solution = Repository.Read("DistributedLoss.sln").Replace('\\', '/');
        var tests = ProjectFiles("tests").Where(p => Load(p).Descendants("ProjectReference").Any(r => ReferenceName(r) == project)).ToArray();
        Assert.True(solution.Contains($"src/{project}/{project}.csproj", StringComparison.Ordinal), $"{project} is not in DistributedLoss.sln: `dotnet sln add src/{project}`.");
        Assert.True(tests.Length > 0, $"No project under tests refers to {project}: add tests/{project}.Tests.");
        foreach (var test in tests)
        {
            var path = Path.GetRelativePath(Repository.Root, test).Replace('\\', '/');
            Assert.True(solution.Contains(path, StringComparison.Ordinal), $"{path} is not in DistributedLoss.sln, so that `dotnet test` on the solution would pass it over: `dotnet sln add {path}`.");
        }
    }

    private static string Describe(string[] allowed) => allowed.Length == 0 ? "nothing" : string.Join(", ", allowed);

    private static IEnumerable<string> References(string project) => Load(SourcePath(project)).Descendants("ProjectReference").Select(ReferenceName);

    private static string ReferenceName(XElement reference) => Path.GetFileNameWithoutExtension(Include(reference).Replace('\\', '/'));

    private static string Include(XElement element) => element.Attribute("Include")?.Value ?? element.Attribute("Update")?.Value ?? "";

    private static string SourcePath(string project) => Repository.File($"src/{project}/{project}.csproj");

    private static XDocument Load(string path) => XDocument.Load(path);

    private static string[] ProjectFiles(string folder) =>
        [.. Directory.GetDirectories(Repository.File(folder)).SelectMany(d => Directory.GetFiles(d, "*.csproj")).Order(StringComparer.Ordinal)];
}
