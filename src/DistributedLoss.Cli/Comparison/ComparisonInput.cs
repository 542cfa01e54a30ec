using DistributedLoss.Comparison;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Comparison;

/// <summary>What A or B names: a dump, a file of losses, or the result of an evaluation, which stands for the dump that it was made of.</summary>
internal sealed record ComparisonInput(string Path, IReadOnlyList<string> Files, ComparisonInput.Kinds Kind)
{
    public enum Kinds
    {
        Dump,
        Losses,
        Result,
    }

    /// <summary>Of a result.</summary>
    private EvaluationResult? Recorded { get; init; }

    /// <exception cref="BadInputException">There is no such file, or it is none of the three.</exception>
    public static ComparisonInput Find(string path, CancellationToken cancel)
    {
        if (File.Exists(path) && IsJson(path))
        {
            var recorded = ResultReader.Read(path);
            return new ComparisonInput(path, [.. recorded.Files.Select(f => f.Path)], Kinds.Result) { Recorded = recorded };
        }

        var files = InputPaths.Expand([path], cancel);
        using var first = InputFiles.Open(files[0], Reading.InParts, cancel: cancel);
        return new ComparisonInput(path, files, LossesSide.IsLosses(first) ? Kinds.Losses : Kinds.Dump);
    }

    /// <param name="rows">Of a dump: where its rows are, and what their loss is.</param>
    /// <param name="sliceBy">Columns to slice by; none for the second side.</param>
    /// <exception cref="BadInputException">The files are not those of the result, or their columns do not fit.</exception>
    /// <exception cref="ParquetException">A file is no valid Parquet.</exception>
    public ComparedSide Open(EvaluationOptions rows, IReadOnlyList<IReadOnlyList<string>> sliceBy, long shardBytes, CancellationToken cancel)
    {
        if (Kind == Kinds.Losses)
        {
            return LossesSide.Create(Files, sliceBy, cancel);
        }

        if (Recorded is not null)
        {
            RecordedInputs.Check(Recorded.Files, cancel);
        }

        return DumpSide.Create(Files, Recorded?.Options ?? rows, sliceBy, new PlanOptions { ShardBytes = shardBytes }, cancel);
    }

    // A dump begins with PAR1.
    private static bool IsJson(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            int first;
            do
            {
                first = file.ReadByte();
            }
            while (first is ' ' or '\t' or '\r' or '\n' or 0xef or 0xbb or 0xbf);
            return first == '{';
        }
        catch (UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: may not be read; check its permissions");
        }
    }
}
