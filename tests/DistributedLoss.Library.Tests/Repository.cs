namespace DistributedLoss.Library.Tests;

/// <summary>Files of the repository that the tests were built from.</summary>
internal static class Repository
{
    public static string File(string path) => Path.Combine(Root(), path);

    private static string Root()
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
