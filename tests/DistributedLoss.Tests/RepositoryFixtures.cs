namespace DistributedLoss.Tests;

/// <summary>The folders of tests/fixtures.</summary>
internal static class RepositoryFixtures
{
    public static string Folder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistributedLoss.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "tests", "fixtures", name);
    }
}
