using DistributedLoss.Losses;

namespace DistributedLoss.Cli.Output;

/// <summary>The file of <c>--losses</c>: checked and begun before the run, so that a place that cannot be written is known before the work is done.</summary>
internal sealed class LossOutput : IDisposable
{
    private LossOutput(LossFile file) => File = file;

    public LossFile File { get; }

    /// <param name="given">The path as it was given.</param>
    /// <exception cref="CliException">Nothing can be written there.</exception>
    public static LossOutput Open(string given)
    {
        try
        {
            // A rename would replace a link rather than the file that it stands for.
            string path = RealPath.Of(given);
            if (Directory.Exists(path))
            {
                throw CliException.Usage($"--losses {given}: is a directory; name a file");
            }

            CheckExisting(path);
            return new LossOutput(new LossFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.Usage($"--losses {given}: cannot be written; name a file in a folder that exists and can be written");
        }
    }

    public void Dispose() => File.Dispose();

    private static void CheckExisting(string path)
    {
        if (!System.IO.File.Exists(path))
        {
            return;
        }

        // To open a pipe for writing alone would wait for a reader.
        using var existing = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (!existing.CanSeek || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            throw new IOException($"{path} is a device or a pipe");
        }
    }
}
