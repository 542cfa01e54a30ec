using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Output;

/// <summary>Nothing that a run writes may be one of the files that it reads, whatever name it is called by.</summary>
internal static class OutputPaths
{
    /// <param name="outputs">The options that name a file to write, with the file; null where one is not given.</param>
    /// <exception cref="CliException">An output is an input, or two outputs are one file.</exception>
    public static void Check(IReadOnlyList<string> paths, params (string Option, string? File)[] outputs)
    {
        foreach (var (_, file) in outputs)
        {
            if (file is not null)
            {
                CheckGiven(paths, outputs);
                return;
            }
        }
    }

    private static void CheckGiven(IReadOnlyList<string> paths, (string Option, string? File)[] outputs)
    {
        var given = outputs.Where(o => o.File is not null).Select(o => (o.Option, File: o.File!, Real: RealPath.Of(o.File!))).ToList();

        if (given.GroupBy(o => o.Real).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            throw CliException.Usage($"{same.First().Option} {same.First().File}: {same.Last().Option} names the same file; name another");
        }

        // What is behind a URL is not written to.
        var inputs = Inputs(paths);
        foreach (var (option, file, real) in given)
        {
            if (inputs.Contains(real))
            {
                throw CliException.Usage($"{option} {file}: is also an input, which it would destroy; name a file outside the dataset, or one that begins with '_'");
            }
        }
    }

    private static HashSet<string> Inputs(IReadOnlyList<string> paths)
    {
        try
        {
            return [.. InputPaths.Expand(paths.Where(p => !InputFiles.IsRemote(p))).Select(RealPath.Of)];
        }
        catch (BadInputException)
        {
            // The plan will say so, as the run's own error.
            return [];
        }
    }
}
