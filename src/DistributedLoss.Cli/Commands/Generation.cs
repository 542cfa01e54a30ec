using System.Diagnostics;
using System.Text.RegularExpressions;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Coordination;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Commands;

/// <summary>Writes a synthetic dump, with a bar on a terminal.</summary>
internal static partial class Generation
{
    /// <returns>The files written.</returns>
    /// <exception cref="CliException">There is something in the way, or it cannot be written.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(
        CliConsole console, string output, SyntheticOptions options, bool force, CancellationToken cancel)
    {
        try
        {
            Clear(output, force);
            await using var bar = console.ErrorHasCursor ? new ProgressBar(console, new StderrLines(console.Error)) : null;
            var progress = bar is null ? null : new RowProgress(bar, options.Rows);
            // On a thread of its own: a signal is then handled while rows are written.
            return await Task.Run(() => SyntheticDump.Write(output, options, progress, cancel), CancellationToken.None);
        }
        catch (OperationCanceledException e)
        {
            throw new CliException(ExitCode.Cancelled, $"{output}: cancelled; of the dump's files only those are there that were whole", e);
        }
        catch (ArgumentException e)
        {
            throw CliException.Usage($"{CliException.Reason(e)}; see dloss generate --help");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParquetException)
        {
            throw new CliException(ExitCode.RunFailed, $"{output}: the dump cannot be written: {CliException.Reason(e)}; check the place and the space left", e);
        }
    }

    private static void Clear(string output, bool force)
    {
        string[] inTheWay = Directory.Exists(output) ? Directory.GetFiles(output, "*.parquet") : File.Exists(output) ? [output] : [];
        if (inTheWay.Length == 0)
        {
            return;
        }

        if (!force)
        {
            throw CliException.Usage($"{output}: {(inTheWay.Length == 1 ? "a Parquet file is" : $"{inTheWay.Length} Parquet files are")} there already; name another place, or give --force to replace what is there");
        }

        // Only what generate writes: --force is no licence to delete somebody's data.
        string[] foreign = [.. inTheWay.Where(f => f != output && !Part().IsMatch(Path.GetFileName(f)))];
        if (foreign.Length > 0)
        {
            throw CliException.Usage($"{output}: {Path.GetFileName(foreign[0])} is not one of generate's files, and is not replaced; name another place");
        }

        foreach (string file in inTheWay.Where(f => f != output))
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^part-\d{5}\.parquet$")]
    private static partial Regex Part();

    private sealed class RowProgress(ProgressBar bar, long rows) : IProgress<long>
    {
        private readonly long _began = Stopwatch.GetTimestamp();

        public void Report(long done)
        {
            var elapsed = Stopwatch.GetElapsedTime(_began);
            double rate = done / Math.Max(elapsed.TotalSeconds, 1e-3);
            bar.Report(new RunProgress(0, 0, done, rows, rate, elapsed, TimeSpan.FromSeconds((rows - done) / Math.Max(rate, 1e-3)), null, 1));
        }
    }
}
