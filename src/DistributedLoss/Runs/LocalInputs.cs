using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;

namespace DistributedLoss.Runs;

/// <summary>The files of a plan that was made on another machine, as this one has them.</summary>
public static class LocalInputs
{
    /// <returns>The plan, with the times at which the files were written here: a copy of a file has its own.</returns>
    /// <exception cref="MissingInputException">A file is not there, not readable, or another: by name, with what differs.</exception>
    /// <exception cref="OperationCanceledException">Between two files.</exception>
    public static RunPlan Localize(RunPlan plan, CancellationToken cancel = default)
    {
        var files = new List<InputFile>(plan.Files.Count);
        foreach (var planned in plan.Files)
        {
            cancel.ThrowIfCancellationRequested();
            files.Add(planned with { Modified = Check(planned, cancel) });
        }

        return plan with { Files = files };
    }

    /// <summary>Opens a file that is the one of the plan.</summary>
    /// <exception cref="MissingInputException">It is not.</exception>
    /// <exception cref="ParquetException">The disk failed, or the file is damaged.</exception>
    /// <exception cref="OperationCanceledException">Behind a URL that does not answer.</exception>
    internal static ParquetFile Open(InputFile planned, Func<bool>? mayWait = null)
    {
        ParquetFile file;
        try
        {
            file = InputFiles.Open(planned.Path, Reading.Through, mayWait);
        }
        catch (ParquetException e) when (e.InnerException is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new MissingInputException(e.Message);
        }

        if (file.Length != planned.Bytes || Hex.Of(file.FooterDigest) != planned.FooterDigest || file.Source?.Version != planned.Version)
        {
            using (file)
            {
                throw Changed(planned);
            }
        }

        return file;
    }

    internal static MissingInputException Changed(InputFile planned) =>
        new($"{planned.Path}: the file changed since the run was planned; run again when it is written");

    private static DateTimeOffset Check(InputFile planned, CancellationToken cancel)
    {
        try
        {
            using var file = Open(planned, () => !cancel.IsCancellationRequested);
            return InputFiles.Modified(file);
        }
        catch (MissingInputException e) when (!InputFiles.IsRemote(planned.Path) && !File.Exists(planned.Path))
        {
            throw new MissingInputException($"{e.Message}; a worker needs the files of the run, under the same paths");
        }
        catch (ParquetException e)
        {
            // A file whose footer the coordinator could read: what is here is another, or its disk fails.
            throw new MissingInputException(e.Message);
        }
    }
}
