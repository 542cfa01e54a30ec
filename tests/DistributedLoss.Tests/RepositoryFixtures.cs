namespace DistributedLoss.Tests;

/// <summary>The folders of tests/fixtures, and the repository around them.</summary>
internal static class RepositoryFixtures
{
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistributedLoss.sln")))
            {
                folder = folder.Parent;
            }

            return folder!.FullName;
        }
    }

    public static string Folder(string name) => Path.Combine(Root, "tests", "fixtures", name);
}
