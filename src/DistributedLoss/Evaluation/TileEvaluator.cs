using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Where a tile's first row stands, for messages and row ids.</summary>
/// <param name="FirstRow">0-based within the file.</param>
internal readonly record struct TilePlace(string Path, Shard Shard, long FirstRow);

/// <summary>One tile of logits with its labels: each row is evaluated, ignored or invalid, in row order.</summary>
internal sealed partial class TileEvaluator(RunPlan plan)
{
    private readonly EvaluationOptions _options = plan.Options;

    // Where no row tells C, no row has logits, and no label is too large.
    private readonly int _classes = plan.Classes ?? int.MaxValue;
    private readonly long[] _labels = new long[plan.TileRows];
    private readonly bool[] _labelIsNull = new bool[plan.TileRows];
    private readonly int[] _classLabels = new int[plan.TileRows];
    private readonly double[] _losses = new double[plan.TileRows];
    private readonly int[] _predicted = new int[plan.TileRows];
    private readonly int[] _ranks = new int[plan.TileRows];
    private readonly RowStatus[] _statuses = new RowStatus[plan.TileRows];

    // Both null for the plain loss, which takes no step more for them.
    private readonly RowWeights? _weights = plan.Options.IsWeighted ? new RowWeights(plan) : null;
    private readonly LossEvaluator? _evaluator = plan.Classes is { } classes && !plan.Options.Loss.IsPlain
        ? new LossEvaluator(plan.Kernel, plan.Options.Loss, classes, plan.Options.ClassWeights)
        : null;

    /// <param name="sink">Told every row of the tile; null where nobody asks.</param>
    public void Evaluate(in LogitTile tile, IntegerColumnReader labels, NumberColumnReader? weights, in TilePlace place, Totals totals, IRowSink? sink)
    {
        int rows = tile.Rows;
        int read = labels.Read(_labels.AsSpan(0, rows), _labelIsNull.AsSpan(0, rows));
        if (read < rows)
        {
            throw new ParquetException("the column has fewer rows than the logits; write the file again", place.Path, place.Shard.RowGroup, _options.LabelColumn);
        }

        bool areUsable = Labels.Classify(_labels.AsSpan(0, rows), _labelIsNull.AsSpan(0, rows), _classes, _options.IgnoreIndex, _classLabels.AsSpan(0, rows));
        if (_weights?.Read(weights, _classLabels.AsSpan(0, rows), ref areUsable) < rows)
        {
            throw new ParquetException("the column has fewer rows than the logits; write the file again", place.Path, place.Shard.RowGroup, _options.SampleWeightColumn);
        }

        if (tile.Defect == RowDefect.None)
        {
            var outputs = new RowLosses(_losses, _predicted, _ranks, _statuses);
            if (_evaluator is null)
            {
                plan.Kernel.Evaluate(Block(tile), _classLabels.AsSpan(0, rows), outputs);
            }
            else
            {
                _evaluator.Evaluate(Block(tile), _classLabels.AsSpan(0, rows), outputs, _weights?.LabelLosses, _weights?.Smoothing);
            }

            _weights?.Add(_classLabels.AsSpan(0, rows), _statuses.AsSpan(0, rows), _losses, _evaluator, totals.Weighted!);
            AddHardest(rows, place, totals.Hardest);
        }

        if (sink is not null)
        {
            Tell(sink, tile, labels);
        }

        bool areEvaluated = areUsable && tile.Defect == RowDefect.None && !MemoryMarshal.AsBytes<RowStatus>(_statuses.AsSpan(0, rows)).ContainsAnyExcept((byte)RowStatus.Valid);
        Count(areEvaluated ? rows : CountOthers(tile, labels, place, totals), totals);
    }

    private static LogitBlock Block(in LogitTile tile) =>
        tile.Layout == TileLayout.RowMajor
            ? LogitBlock.RowMajor(Type(tile.Format), tile.Values, tile.Rows, tile.Classes)
            : LogitBlock.ColumnMajor(Type(tile.Format), tile.Columns, tile.Rows, tile.Classes);

    private static LogitType Type(FloatFormat format) => format switch
    {
        FloatFormat.Float16 => LogitType.Float16,
        FloatFormat.BFloat16 => LogitType.BFloat16,
        FloatFormat.Float32 => LogitType.Float32,
        FloatFormat.Float64 => LogitType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    // An unsigned label of 2^63 or more reads as a negative number, which must not pass for a negative ignore index.
    private static bool IsHuge(IntegerColumnReader labels, long label) => labels.IsUnsigned64 && label < 0;

    private void Count(int evaluated, Totals totals)
    {
        var losses = _losses.AsSpan(0, evaluated);
        totals.Rows.Evaluated += evaluated;
        totals.Losses.Add(losses);
        totals.Classes.Add(_classLabels.AsSpan(0, evaluated), _predicted.AsSpan(0, evaluated), losses);
        totals.Ranks.Add(_ranks.AsSpan(0, evaluated));
    }

    private void AddHardest(int rows, in TilePlace place, HardestRows hardest)
    {
        double threshold = hardest.Threshold;
        for (int i = 0; i < rows; i++)
        {
            // False for the NaN of a row that is not evaluated.
            if (_losses[i] >= threshold)
            {
                hardest.Add(new HardestRow(_losses[i], place.Shard.File, place.Shard.RowGroup, place.FirstRow + i, _classLabels[i], _predicted[i], _ranks[i]));
                threshold = hardest.Threshold;
            }
        }
    }

    /// <summary>Counts the rows that are not evaluated, and moves the others up over them.</summary>
    /// <returns>How many are evaluated.</returns>
    private int CountOthers(in LogitTile tile, IntegerColumnReader labels, in TilePlace place, Totals totals)
    {
        int evaluated = 0;
        for (int i = 0; i < tile.Rows; i++)
        {
            if (_classLabels[i] != Labels.Skip && tile.Defect == RowDefect.None && _statuses[i] == RowStatus.Valid)
            {
                _losses[evaluated] = _losses[i];
                _classLabels[evaluated] = _classLabels[i];
                _predicted[evaluated] = _predicted[i];
                _ranks[evaluated] = _ranks[i];
                evaluated++;
            }
            else if (!_labelIsNull[i] && _labels[i] == _options.IgnoreIndex && !IsHuge(labels, _labels[i]))
            {
                totals.Rows.Ignored++;
            }
            else
            {
                var cause = Cause(tile, i);
                if (_options.OnInvalid == InvalidRowPolicy.Fail)
                {
                    throw InvalidRow(cause, tile, labels, place, i);
                }

                totals.Rows.AddInvalid(cause, 1);
            }
        }

        return evaluated;
    }

    private InvalidCause Cause(in LogitTile tile, int i) =>
        _labelIsNull[i] ? InvalidCause.NullLabel
        : (ulong)_labels[i] >= (ulong)_classes ? InvalidCause.LabelOutOfRange
        : _classLabels[i] == Labels.Skip ? InvalidCause.BadWeight
        : tile.Defect switch
        {
            RowDefect.NullLogits => InvalidCause.NullLogits,
            RowDefect.WrongLength => InvalidCause.WrongLength,
            _ => _statuses[i] switch
            {
                RowStatus.NaN => InvalidCause.NaN,
                RowStatus.Infinity => InvalidCause.Infinity,
                RowStatus.AllMasked => InvalidCause.AllMasked,
                RowStatus.Unnormalized => InvalidCause.Unnormalized,
                var status => throw new InvalidOperationException($"row status {status} is no defect"),
            },
        };

    private BadInputException InvalidRow(InvalidCause cause, in LogitTile tile, IntegerColumnReader labels, in TilePlace place, int i)
    {
        string label = labels.IsUnsigned64 ? $"{(ulong)_labels[i]}" : $"{_labels[i]}";
        string what = cause switch
        {
            InvalidCause.NullLabel => $"the label in column {_options.LabelColumn} is null",
            InvalidCause.LabelOutOfRange => $"label {label} in column {_options.LabelColumn} is outside 0 to {_classes - 1}{(plan.Classes is null ? "" : $" ({_classes} classes)")} and is not the ignore index {_options.IgnoreIndex}",
            InvalidCause.NullLogits => "the logits are null, or hold a null",
            InvalidCause.WrongLength when plan.Classes is null => "the row has no logits, and neither has any other (--num-classes tells how many there should be)",
            InvalidCause.WrongLength when tile.DefectLength == _classes => $"the row's bytes are no whole number of logits; {plan.ClassesSource} says {_classes} classes",
            InvalidCause.WrongLength => $"the row has {tile.DefectLength} logits, but {plan.ClassesSource} says {_classes} classes",
            InvalidCause.BadWeight => $"the sample weight in column {_options.SampleWeightColumn} is {(_weights!.Sample(i) is { } weight ? weight : "null")}, where a finite number of at least 0 is needed{(_options.ClassWeights is null ? "" : ", also after multiplication with the class weight")}",
            InvalidCause.NaN => "a logit is NaN",
            InvalidCause.Infinity => $"a logit is +infinity{(_options.Loss.Temperature == 1 ? "" : $" when divided by the temperature {_options.Loss.Temperature}")}",
            InvalidCause.AllMasked => $"every logit is -infinity{(_options.Loss.Temperature == 1 ? "" : $" when divided by the temperature {_options.Loss.Temperature}")}",
            InvalidCause.Unnormalized => $"the row's probabilities are below 0, or do not sum to 1 within {_options.Loss.SumTolerance} (--sum-tolerance)",
            _ => InvalidCauses.Name(cause),
        };
        return new BadInputException(
            $"{place.Path}: row group {place.Shard.RowGroup}, row {place.FirstRow + i}: {what}; mend the dump, or count such rows with --on-invalid skip");
    }
}
