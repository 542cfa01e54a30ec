namespace DistributedLoss.EndToEnd;

/// <summary>Files, directories and globs are one dataset, in ordinal order of their paths.</summary>
public class PathsTests
{
    private static readonly string Part = Fixtures.PathOf("known/duckdb_f64.parquet");

    [Fact]
    public void Directories_are_searched_through_and_through_but_for_hidden_names()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "b.parquet", "a/deep/c.parquet", "a/b.parquet" })
        {
            folder.Copy(Part, name);
        }

        foreach (string name in new[] { "_a.parquet", ".a.parquet", "_temporary/a.parquet", ".git/a.parquet", "a/notes.txt", "a/b.parquet.crc" })
        {
            folder.Write(name, "not Parquet"u8.ToArray());
        }

        Assert.Equal(["a/b.parquet", "a/deep/c.parquet", "b.parquet"], FilesOf(folder, folder.Root));
    }

    [Fact]
    public void A_file_named_outright_may_have_any_name()
    {
        using var folder = new TempFolder();
        folder.Copy(Part, "_hidden.bin");
        Assert.Equal(["_hidden.bin"], FilesOf(folder, folder.PathOf("_hidden.bin")));
    }

    [Fact]
    public void Globs_match_within_and_across_folders()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "x/val-1.parquet", "x/val-2.parquet", "x/train-1.parquet", "y/val-1.parquet", "y/z/val-3.parquet", "y/_val-4.parquet" })
        {
            folder.Copy(Part, name);
        }

        Assert.Equal(["x/val-1.parquet", "x/val-2.parquet"], FilesOf(folder, Path.Combine(folder.Root, "x/val-*.parquet")));
        Assert.Equal(["x/val-1.parquet", "y/val-1.parquet"], FilesOf(folder, Path.Combine(folder.Root, "?/val-1.parquet")));
        Assert.Equal(["y/val-1.parquet", "y/z/val-3.parquet"], FilesOf(folder, Path.Combine(folder.Root, "y/**/*.parquet")));
    }

    [Fact]
    public void Several_paths_are_one_dataset_in_ordinal_order_however_they_are_named()
    {
        using var folder = new TempFolder();
        // Ordinal: upper case first, and 10 ahead of 9.
        string[] names = ["B.parquet", "a10.parquet", "a9.parquet", "é.parquet"];
        foreach (string name in names)
        {
            folder.Copy(Part, name);
        }

        string[] expected = FilesOf(folder, folder.Root);
        Assert.Equal(names, expected);
        Assert.Equal(names, FilesOf(folder, [.. names.Reverse().Select(folder.PathOf)]));
        Assert.Equal(names, FilesOf(folder, folder.PathOf("é.parquet"), Path.Combine(folder.Root, "a*.parquet"), folder.PathOf("B.parquet")));
    }

    [Fact]
    public void A_file_that_is_named_twice_counts_once()
    {
        using var folder = new TempFolder();
        folder.Copy(Part, "a.parquet");
        var outcome = Dloss.Evaluate(folder.Root, folder.PathOf("a.parquet"), Path.Combine(folder.Root, "*.parquet"), Path.Combine(folder.Root, ".", "a.parquet"));
        Assert.Equal(3, outcome.Json.GetProperty("rows").Count("total"));
    }

    private static string[] FilesOf(TempFolder folder, params string[] paths) =>
    [
        .. Dloss.Evaluate(paths).Json.GetProperty("files").EnumerateArray()
            .Select(f => Path.GetRelativePath(folder.Root, f.GetProperty("path").GetString()!).Replace('\\', '/')),
    ];
}
