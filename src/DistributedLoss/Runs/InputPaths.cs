using System.IO.Enumeration;
using System.Text.RegularExpressions;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Runs;

/// <summary>
/// From what the user names to the files of the dataset: directories are searched recursively for <c>*.parquet</c>, globs are matched,
/// names that begin with <c>_</c> or <c>.</c> and links to folders are passed over; a file named outright may have any name. Each file counts once.
/// URLs name files as <see cref="DistributedLoss.Remote.RemoteFiles.Expand"/> has it.
/// </summary>
public static class InputPaths
{
    private static readonly char[] GlobCharacters = ['*', '?'];

    /// <returns>In ordinal order of their full paths.</returns>
    /// <exception cref="BadInputException">A path matches nothing.</exception>
    /// <exception cref="Parquet.ParquetException">A URL names no file, or its store cannot tell.</exception>
    /// <exception cref="OperationCanceledException">Behind a URL.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths, CancellationToken cancel = default)
    {
        var found = new Dictionary<string, string>();
        foreach (string path in paths)
        {
            foreach (string file in InputFiles.IsRemote(path) ? InputFiles.ExpandRemote(path, cancel) : ExpandOne(path))
            {
                found.TryAdd(InputFiles.FullPath(file), file);
            }
        }

        string[] files = [.. found.Values], order = [.. found.Keys];
        Array.Sort(order, files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new BadInputException("no input: name at least one file, directory or glob");
    }

    private static List<string> ExpandOne(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                return [path];
            }

            if (Directory.Exists(path))
            {
                var files = Match(path, "**/*.parquet");
                return files.Count > 0 ? files : throw new BadInputException($"{path}: the directory holds no *.parquet file; name a directory or file that does");
            }

            if (path.IndexOfAny(GlobCharacters) >= 0)
            {
                var files = MatchGlob(path);
                return files.Count > 0 ? files : throw new BadInputException($"{path}: the pattern matches no file; check it (quote it, if the shell should leave it alone)");
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new BadInputException($"{path}: {e.Message.ReplaceLineEndings(" ")}; check the path and its permissions");
        }

        throw new BadInputException($"{path}: no such file or directory; check the path");
    }

    private static List<string> MatchGlob(string pattern)
    {
        // The part ahead of the first segment with a glob character is the folder to search.
        string[] segments = pattern.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        int first = Array.FindIndex(segments, s => s.IndexOfAny(GlobCharacters) >= 0);
        string root = first == 0 ? "." : string.Join('/', segments[..first]) is { Length: > 0 } r ? r : "/";
        if (!Directory.Exists(root))
        {
            return [];
        }

        var files = Match(root, string.Join('/', segments[first..]));
        return first == 0 ? [.. files.Select(f => Path.GetRelativePath(".", f))] : files;
    }

    /// <param name="pattern"><c>*</c> and <c>?</c> within a name, <c>**</c> for any number of folders.</param>
    private static List<string> Match(string root, string pattern)
    {
        string regex = Regex.Escape(pattern).Replace(@"\*\*/", "(?:[^/]+/)*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        var matches = new Regex($"^{regex}$", RegexOptions.CultureInvariant);
        var depth = new EnumerationOptions { RecurseSubdirectories = pattern.Contains('/'), IgnoreInaccessible = false, AttributesToSkip = 0 };
        // A link to a folder may lead back up, and its files would count once for every way round.
        var files = new FileSystemEnumerable<string>(root, (ref FileSystemEntry e) => e.ToSpecifiedFullPath(), depth)
        {
            ShouldIncludePredicate = (ref FileSystemEntry e) => !e.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry e) => (e.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return
        [
            .. files
                .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
                .Where(n => matches.IsMatch(n) && !n.Split('/').Any(IsHidden))
                .Select(n => Path.Combine(root, n)),
        ];
    }

    private static bool IsHidden(string name) => name.StartsWith('_') || name.StartsWith('.');
}
