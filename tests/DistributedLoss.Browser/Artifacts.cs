namespace DistributedLoss.Browser;

/// <summary>Pages that the tests look at, and what they see: in artifacts/browser of the repository, which is not committed.</summary>
internal static class Artifacts
{
    private static readonly string Folder = Directory.CreateDirectory(Path.Combine(Root(), "artifacts", "browser")).FullName;

    public static string File(string name) => Path.Combine(Folder, name);

    public static string Url(string name) => new Uri(File(name)).AbsoluteUri;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "DistributedLoss.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"no DistributedLoss.sln above {AppContext.BaseDirectory}");
    }
}
