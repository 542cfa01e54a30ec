namespace DistributedLoss.Browser;

/// <summary>Pages that the tests look at, and what they see: in artifacts/browser of the repository, which is not committed.</summary>
internal static class Artifacts
{
    private static readonly string Folder = Directory.CreateDirectory(Repository.File("artifacts/browser")).FullName;

    public static string File(string name) => Path.Combine(Folder, name);

    public static string Url(string name) => new Uri(File(name)).AbsoluteUri;
}
