using System.Diagnostics;
using System.Runtime.CompilerServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Runs;

/// <summary>Opens every file once, checks that its columns are there and fit, finds C, and cuts the rows into shards.</summary>
internal sealed class RunPlanner(EvaluationOptions options, PlanOptions plan)
{
    private readonly List<InputFile> _files = [];
    private readonly List<Shard> _shards = [];
    private (TargetKind Kind, bool IsSequence, string Source)? _target;
    private (int Classes, string Source)? _classes = options.NumClasses is { } n ? (n, "--num-classes") : null;

    public RunPlan Plan(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        if (options.NumClasses <= 0)
        {
            throw new BadInputException($"--num-classes {options.NumClasses}: there is at least one class");
        }

        options.Check();
        long began = Stopwatch.GetTimestamp();
        foreach (string path in InputPaths.Expand(paths, cancel))
        {
            cancel.ThrowIfCancellationRequested();
            using var file = InputFiles.Open(path, Reading.InParts, cancel: cancel);
            Add(file, cancel);
        }

        CheckTopK();
        CheckWeights("--class-weights", options.ClassWeights);
        CheckWeights("--pos-weight", options.PositiveWeights);
        CheckClassNames();
        return new RunPlan
        {
            Files = _files,
            Shards = _shards,
            Classes = _classes?.Classes,
            ClassesSource = _classes?.Source,
            Options = options,
            Target = _target?.Kind ?? TargetKind.Index,
            IsSequence = _target?.IsSequence ?? false,
            PlanTime = Stopwatch.GetElapsedTime(began),
        };
    }

    private void Add(ParquetFile file, CancellationToken cancel)
    {
        var logits = LogitColumn.Resolve(file, options.LogitColumnSpec);
        CheckTarget(file, logits.IsSequence);
        if (options.SampleWeightColumn is { } weights)
        {
            NumberColumnReader.Check(file, weights);
        }

        if (options.BytesColumn is { } bytes)
        {
            IntegerColumnReader.Check(file, bytes);
        }

        foreach (string column in options.KeyColumns)
        {
            KeyColumnReader.Check(file, column);
        }

        FindClasses(file, logits);
        CheckElements(file);
        var input = InputFiles.Describe(_files.Count, file);
        _files.Add(input);
        long firstRow = 0;
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            cancel.ThrowIfCancellationRequested();
            long rows = file.Metadata.RowGroups[g].NumRows;
            if (rows > 0)
            {
                Cut(file, input, logits, g, firstRow, rows);
            }

            firstRow += rows;
        }
    }

    private void CheckTarget(ParquetFile file, bool isSequence)
    {
        var target = TargetColumn.KindOf(file, options, isSequence);
        if (_target is { } known && (known.Kind != target || known.IsSequence != isSequence))
        {
            throw new BadInputException(
                $"{file.Path}: its {Describe(target, isSequence)} do not go with the {Describe(known.Kind, known.IsSequence)} of {known.Source}; evaluate them apart");
        }

        _target ??= (target, isSequence, file.Path);

        static string Describe(TargetKind kind, bool isSequence) => isSequence ? "sequences" : kind switch
        {
            TargetKind.Index => "class indices",
            TargetKind.Name => "class names",
            TargetKind.Distribution => "soft targets",
            _ => "binary targets",
        };
    }

    private void CheckElements(ParquetFile file)
    {
        if (_target is { Kind: TargetKind.Binary } && _classes is { Classes: > 1 } c && ColumnShape.Of(file, options.LabelColumn).ListDepth == 0)
        {
            throw new BadInputException(
                $"{file.Path}: column {options.LabelColumn} has one target a row, where rows have {c.Classes} logits: --input {LossInputs.Name(options.Loss.Input)} takes a list of as many targets; class indices are for --input logits or probs");
        }
    }

    private void FindClasses(ParquetFile file, LogitColumn logits)
    {
        if (logits.FixedClasses is not { } width)
        {
            if (_classes is null && logits.FirstRowLength() is { } length)
            {
                _classes = length > 0 ? (length, file.Path) : throw new BadInputException(
                    $"{file.Path}: the first row of {logits.Description} is shorter than one logit, so that it does not tell the number of classes; mend the dump, or give --num-classes");
            }
        }
        else if (_classes is null)
        {
            _classes = (width, file.Path);
        }
        else if (_classes.Value.Classes != width)
        {
            throw new BadInputException(
                $"{file.Path}: {logits.Description} holds {width} classes, but {_classes.Value.Source} says {_classes.Value.Classes}; evaluate dumps of one model together{(options.NumClasses is null ? "" : ", and leave --num-classes out")}");
        }
    }

    private void Cut(ParquetFile file, InputFile input, LogitColumn logits, int rowGroup, long groupFirstRow, long groupRows)
    {
        long bytes = logits.StoredBytes(rowGroup);
        // To find a page takes a request of its own; and where the network is the bound, one reader of a row group takes as much of it as several.
        var starts = file.Source is null ? PagePlan.Find(file, logits, rowGroup, plan.ShardBytes) : [default];
        for (int i = 0; i < starts.Length; i++)
        {
            long end = i + 1 < starts.Length ? starts[i + 1].FirstRow : groupRows;
            long rows = end - starts[i].FirstRow;
            string id = Shard.IdOf(input, groupFirstRow + starts[i].FirstRow, rows);
            long share = Share(bytes, rows, groupRows);
            _shards.Add(new Shard(_shards.Count, id, input.Index, rowGroup, starts[i], groupFirstRow, rows, share));
        }
    }

    // What makes an integer of a double differs by processor, and is compiled as the process runs: a method of its own keeps the caller out of that.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Share(long bytes, long rows, long groupRows) => (long)((double)bytes * rows / groupRows);

    private void CheckWeights(string option, IReadOnlyList<double>? weights)
    {
        if (_classes is { } c && weights is not null && weights.Count != c.Classes)
        {
            throw new BadOptionException($"{option}: {weights.Count} weights for {c.Classes} classes (from {c.Source}); give one a class");
        }
    }

    private void CheckClassNames()
    {
        if (_classes is { } c && options.ClassNames is { } names && names.Count != c.Classes)
        {
            throw new BadOptionException($"--classes: {names.Count} names for {c.Classes} classes (from {c.Source}); give one a class");
        }
    }

    private void CheckTopK()
    {
        if (_classes is { } c && options.TopK is { } topK && topK.Any(k => k > c.Classes))
        {
            throw new BadInputException($"--top-k {topK.Max()}: there are {c.Classes} classes (from {c.Source}); choose k of at most that");
        }
    }
}
