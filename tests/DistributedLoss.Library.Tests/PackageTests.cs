using System.Xml.Linq;

namespace DistributedLoss.Library.Tests;

public class PackageTests
{
    /// <summary>The parts are inside the package, and NuGet does not see what they refer to: without this, a user's program fails where a part first needs it.</summary>
    [Fact]
    public void The_package_asks_for_every_package_that_its_parts_need()
    {
        string library = Repository.File("src/DistributedLoss.Library/DistributedLoss.Library.csproj");
        string[] needed = [.. Parts(library).SelectMany(Packages).Distinct().Order(StringComparer.Ordinal)];
        Assert.Contains("Google.Protobuf", needed);
        Assert.Equal(needed, Packages(library).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Parts(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(r => Path.GetFullPath(r.Attribute("Include")!.Value, Path.GetDirectoryName(project)!))
        .SelectMany(p => Parts(p).Prepend(p));

    /// <summary>Those that a program needs as it runs.</summary>
    private static IEnumerable<string> Packages(string project) => XDocument.Load(project).Descendants("PackageReference")
        .Where(r => r.Attribute("PrivateAssets") is null).Select(r => r.Attribute("Include")!.Value);
}
