using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>Files of row losses, as evaluate --losses writes them: their lines are taken as they are.</summary>
public sealed class LossesSide : ComparedSide
{
    /// <summary>Columns that any such file has.</summary>
    private static readonly string[] Needed = ["file", "row_group", "row", "loss", "predicted", "status"];

    private readonly List<InputFile> _files = [];
    private readonly List<Shard> _shards = [];

    private LossesSide(bool isBinary, bool isSequence, bool isWeighted, IReadOnlyList<IReadOnlyList<string>> sliceBy)
    {
        (IsBinary, IsSequence, IsWeighted) = (isBinary, isSequence, isWeighted);
        Plan = new RunPlan { Files = _files, Shards = _shards, Classes = null, Options = new EvaluationOptions { SliceBy = sliceBy } };
    }

    public override IReadOnlyList<InputFile> Files => _files;

    public override bool HoldsLosses => true;

    internal override bool IsBinary { get; }

    internal override bool IsSequence { get; }

    internal override bool IsWeighted { get; }

    internal override int? Classes => null;

    internal override IReadOnlyList<string>? ClassNames => null;

    internal override IReadOnlyList<Shard> Shards => _shards;

    /// <summary>Of the columns to slice by alone.</summary>
    internal RunPlan Plan { get; }

    /// <summary>Whether a file has the columns of row losses.</summary>
    public static bool IsLosses(ParquetFile file)
    {
        string[] names = [.. file.Schema.Root.Children.Select(c => c.Name)];
        return Needed.All(names.Contains);
    }

    /// <param name="paths">Files that <see cref="IsLosses"/>, in order.</param>
    /// <param name="sliceBy">Columns to slice by, which somebody has to have added; none for the second side.</param>
    /// <exception cref="BadInputException">The files differ in kind.</exception>
    /// <exception cref="ParquetException">A file is no valid Parquet.</exception>
    public static LossesSide Create(IReadOnlyList<string> paths, IReadOnlyList<IReadOnlyList<string>> sliceBy, CancellationToken cancel)
    {
        LossesSide? side = null;
        foreach (string path in paths)
        {
            cancel.ThrowIfCancellationRequested();
            using var file = InputFiles.Open(path, Reading.InParts, cancel: cancel);
            string[] names = [.. file.Schema.Root.Children.Select(c => c.Name)];
            if (!IsLosses(file))
            {
                throw new BadInputException($"{path}: no losses as evaluate --losses writes them, where {paths[0]} is; compare files of one kind");
            }

            var (isBinary, isSequence, isWeighted) = (names.Contains("class"), names.Contains("position"), names.Contains("weight"));
            side ??= new LossesSide(isBinary, isSequence, isWeighted, sliceBy);
            if ((side.IsBinary, side.IsSequence, side.IsWeighted) != (isBinary, isSequence, isWeighted))
            {
                throw new BadInputException($"{path}: its losses are of another kind of rows than those of {paths[0]}; compare files of one kind");
            }

            side.Add(file);
        }

        return side!;
    }

    internal override RowCursor NewCursor(ComparisonOptions options, SliceTable? slices, bool hasGaps, bool expands) => new LossesCursor(this, options, slices);

    private void Add(ParquetFile file)
    {
        foreach (string column in Plan.Options.KeyColumns)
        {
            KeyColumnReader.Check(file, column);
        }

        var input = InputFiles.Describe(_files.Count, file);
        _files.Add(input);
        long first = 0;
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            long rows = file.Metadata.RowGroups[g].NumRows;
            if (rows > 0)
            {
                _shards.Add(new Shard(_shards.Count, Shard.IdOf(input, first, rows), input.Index, g, default, first, rows, 0));
            }

            first += rows;
        }
    }
}
