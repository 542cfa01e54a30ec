namespace DistributedLoss.Cli.Output;

/// <summary>Paths without links on the way, so that two names of one file are seen to be one.</summary>
internal static class RealPath
{
    // Links may stand in a circle.
    private const int MaxLinks = 40;

    /// <summary>In full; where a part does not exist, or cannot be looked at, the rest stays as it is.</summary>
    public static string Of(string path) => Of(Path.GetFullPath(path), MaxLinks);

    private static string Of(string full, int links)
    {
        if (Path.GetDirectoryName(full) is not { } parent)
        {
            return full;
        }

        string here = Path.Combine(Of(parent, links), Path.GetFileName(full));
        return links > 0 && LinkTarget(here) is { } target ? Of(Path.GetFullPath(target, Path.GetDirectoryName(here)!), links - 1) : here;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
