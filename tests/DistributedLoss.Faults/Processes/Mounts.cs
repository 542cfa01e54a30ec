using System.Security.Cryptography;

namespace DistributedLoss.Faults.Processes;

/// <summary>Processes that see another file system than we do.</summary>
internal static class Mounts
{
    private static readonly Lazy<string?> Hindrance = new(Probe);

    /// <summary>Why there are none on this machine; null where there are.</summary>
    public static string? Missing => Hindrance.Value;

    /// <summary>What starts a program that sees an empty folder in the place of that one, as the process itself.</summary>
    public static string[] Hiding(string folder) => ["unshare", "-m", "sh", "-c", "mount -t tmpfs none \"$0\" && exec \"$@\"", folder];

    private static string? Probe()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "mounts are root's to make";
        }

        try
        {
            string[] command = [.. Hiding(Path.GetTempPath()), "true"];
            Tool.RunAsync(command[0], command[1..]).Wait();
            return null;
        }
        catch (AggregateException e)
        {
            return $"nothing can be mounted here: {e.InnerException!.Message}";
        }
    }
}

/// <summary>A small file system of its own.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="bytes">Of whole pages.</param>
    public static async Task<SmallDisk> CreateAsync(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes}", "none", folder);
        return new SmallDisk(folder);
    }

    /// <summary>Leaves no room.</summary>
    public void Fill()
    {
        using var file = File.Create(Path.Combine(Folder, "ballast"));
        try
        {
            while (true)
            {
                file.Write(RandomNumberGenerator.GetBytes(4096));
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public async Task GrowAsync(long bytes) => await Tool.RunAsync("mount", "-o", $"remount,size={bytes}", Folder);

    public async ValueTask DisposeAsync() => await Tool.RunAsync("umount", "--lazy", Folder);
}
