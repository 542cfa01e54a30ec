using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>Whether the files of a result are still those that it was made of, by length, footer and rows, and by every byte where the result has their SHA-256.</summary>
public static class RecordedInputs
{
    /// <exception cref="BadInputException">A file is gone, or another: by name, with what differs.</exception>
    /// <exception cref="ParquetException">A file is no valid Parquet any more.</exception>
    /// <exception cref="OperationCanceledException">Between two files, or two reads.</exception>
    public static void Check(IReadOnlyList<InputFile> files, CancellationToken cancel = default)
    {
        foreach (var recorded in files)
        {
            cancel.ThrowIfCancellationRequested();
            if (!InputFiles.IsRemote(recorded.Path) && !File.Exists(recorded.Path))
            {
                throw new BadInputException($"{recorded.Path}: the result's file is not there; run this where evaluate ran, with the dump in its place");
            }

            using var file = InputFiles.Open(recorded.Path, Reading.Through, cancel: cancel);
            if (Difference(recorded, file, cancel) is { } difference)
            {
                throw new BadInputException($"{recorded.Path}: not the file of the result: {difference}; put that one back, or evaluate anew");
            }
        }
    }

    private static string? Difference(InputFile recorded, ParquetFile file, CancellationToken cancel)
    {
        long rows = file.Metadata.RowGroups.Sum(g => g.NumRows);
        return file.Length != recorded.Bytes ? $"{file.Length:N0} bytes where that had {recorded.Bytes:N0}"
            : rows != recorded.Rows ? $"{rows:N0} rows where that had {recorded.Rows:N0}"
            : Convert.ToHexStringLower(file.FooterDigest) != recorded.FooterDigest ? "its footer is another"
            : recorded.Sha256 is { } sha256 && ContentDigest.Of(file, cancel) != sha256 ? "its bytes are others (SHA-256)"
            : null;
    }
}
