namespace DistributedLoss;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The file, or folder, of that path in the repository.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    public static string Read(string path) => System.IO.File.ReadAllText(File(path));

    /// <summary>The file, or folder, of that path under tests/fixtures.</summary>
    public static string Fixture(string path) => Path.Combine(Root, "tests", "fixtures", path);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "DistributedLoss.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no DistributedLoss.sln above {AppContext.BaseDirectory}");
    }
}
