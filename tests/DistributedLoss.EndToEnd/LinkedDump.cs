namespace DistributedLoss.EndToEnd;

/// <summary>One file under many names: a dataset that takes seconds to read and no time to write.</summary>
internal static class LinkedDump
{
    /// <summary>The folder of the links, which are 0000.parquet and on.</summary>
    public static string Write(TempFolder folder, int files, int rows, int classes = 1000)
    {
        string dump = folder.PathOf("dump.parquet");
        var outcome = Dloss.Run("generate", dump, "--rows", $"{rows}", "--classes", $"{classes}", "--codec", "zstd");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return Link(folder, "links", files, dump);
    }

    public static string Link(TempFolder folder, string name, int files, string dump)
    {
        for (int i = 0; i < files; i++)
        {
            File.CreateSymbolicLink(folder.PathOf($"{name}/{i:0000}.parquet"), dump);
        }

        return folder.PathOf(name);
    }
}
