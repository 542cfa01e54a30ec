using DistributedLoss.Losses;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Output;

/// <summary>The file of <c>--losses</c>: checked and begun before the run, so that a place that cannot be written is known before the work is done.</summary>
internal sealed class LossOutput : IDisposable
{
    private readonly string _given;

    private LossOutput(string given, LossFile file)
    {
        _given = given;
        File = file;
    }

    public LossFile File { get; }

    /// <param name="given">The path as it was given.</param>
    /// <param name="others">What the run writes besides.</param>
    /// <exception cref="CliException">Nothing can be written there.</exception>
    public static LossOutput Open(string given, params string?[] others)
    {
        try
        {
            // A rename would replace a link rather than the file that it stands for.
            string path = RealPath.Of(given);
            if (Directory.Exists(path))
            {
                throw CliException.Usage($"--losses {given}: is a directory; name a file");
            }

            if (others.Any(o => o is not null && RealPath.Of(o) == path))
            {
                throw CliException.Usage($"--losses {given}: --output or --log-file names the same file; name another");
            }

            CheckExisting(path);
            return new LossOutput(given, new LossFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.Usage($"--losses {given}: cannot be written; name a file in a folder that exists and can be written");
        }
    }

    /// <exception cref="CliException">The file is one of those to be evaluated.</exception>
    public void CheckInputs(RunPlan plan)
    {
        if (plan.Files.FirstOrDefault(f => RealPath.Of(f.Path) == File.Path) is { } input)
        {
            throw CliException.Usage(
                $"--losses {_given}: is also an input ({input.Path}), which it would replace; name a file outside the dataset, or one that begins with '_'");
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
