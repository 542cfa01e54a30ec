using System.Security.Cryptography;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;

namespace DistributedLoss.Runs;

/// <summary>
/// SHA-256 of every byte of the inputs. Figures alone do not show every change: a logit whose class has a probability of 1e-10 may move without any loss moving in its
/// last bit.
/// </summary>
public static class ContentDigest
{
    private const int BufferBytes = 1 << 20;

    /// <param name="threads">Files that are read at a time.</param>
    /// <returns>The files, each with its <see cref="InputFile.Sha256"/>.</returns>
    /// <exception cref="MissingInputException">A file is not the one of the plan any more.</exception>
    /// <exception cref="ParquetException">The disk failed.</exception>
    /// <exception cref="OperationCanceledException">Between two reads.</exception>
    public static IReadOnlyList<InputFile> Take(IReadOnlyList<InputFile> files, int threads, CancellationToken cancel = default)
    {
        var taken = new InputFile[files.Count];
        try
        {
            Parallel.For(
                0,
                files.Count,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel },
                i =>
                {
                    using var file = LocalInputs.Open(files[i], () => !cancel.IsCancellationRequested);
                    taken[i] = files[i] with { Sha256 = Of(file, cancel) };
                });
        }
        catch (AggregateException e)
        {
            // The files that fail may be many; one line names the first.
            throw e.Flatten().InnerExceptions[0];
        }

        return taken;
    }

    internal static string Of(ParquetFile file, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var ahead = file.OpenRange(0, file.Length);
        byte[] buffer = new byte[(int)Math.Min(BufferBytes, file.Length)];
        for (long at = 0; at < file.Length; at += buffer.Length)
        {
            cancel.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - at));
            file.Read(ahead, at, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
