namespace DistributedLoss.EndToEnd.Containers;

internal static class Repository
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Fixtures.Root, "../.."));

    public static string PathOf(string name) => Path.Combine(Root, name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));
}
