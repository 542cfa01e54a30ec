namespace DistributedLoss.Parquet.Tests;

/// <summary>Finds the Parquet project's reference files, which live beside the repository and are not part of it.</summary>
internal static class TestFiles
{
    /// <summary>`shared/parquet-testing` in the nearest ancestor directory that has it, or null.</summary>
    public static string? ReferenceRoot { get; } = Find();

    /// <summary>The reference files of `data` or `bad_data`, sorted; empty (and said so in the output) when they are absent.</summary>
    public static string[] Reference(string folder, Xunit.Abstractions.ITestOutputHelper output)
    {
        if (ReferenceRoot is null)
        {
            output.WriteLine($"SKIPPED: no shared/parquet-testing above {AppContext.BaseDirectory}");
            return [];
        }
        string[] files = Directory.GetFiles(Path.Combine(ReferenceRoot, folder), "*.parquet");
        Array.Sort(files, StringComparer.Ordinal);
        Assert.NotEmpty(files);
        return files;
    }

    private static string? Find()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string candidate = Path.Combine(d.FullName, "shared", "parquet-testing");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }
        return null;
    }
}
