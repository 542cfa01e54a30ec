using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>
/// Rows that are sequences: a list of positions' logits and a list of their labels. Each position is evaluated as a row of its own. A sequence counts
/// as a whole, once its logits have proved to be as many as its labels: until then its positions wait, some 100 bytes each.
/// </summary>
internal sealed class SequenceEvaluator(RunPlan plan, SideColumns side, RowTally tally) : IDisposable
{
    // Labels of positions that have none.
    private readonly long[] _noLabels = new long[plan.TileRows];
    private readonly bool[] _areNull = [.. Enumerable.Repeat(true, plan.TileRows)];

    // Positions in order, those of sequences that are complete and of the one at hand. Kept for the next ones.
    private readonly List<IndexTileEvaluator> _batches = [];
    private int _used;

    // Asked once: the plan's shape is made anew each time.
    private readonly bool _hasProbabilities = plan.Shape.Statistics.HasAny(StatisticKinds.Probabilities);

    // Of the sequence at hand.
    private readonly ClassProbabilitySums[] _sums = plan.Classes > 0 && plan.Shape.Statistics.HasFlag(StatisticKinds.ClassProbabilities) ? [new(plan.Classes.Value)] : [];
    private readonly ClassProbabilitySums[]?[] _rowSums = plan.Shape.Statistics.HasFlag(StatisticKinds.ClassProbabilities) ? new ClassProbabilitySums[plan.TileRows][] : [];
    private int _firstBatch;
    private int _firstRow;

    private SequenceLabelReader? _labels;

    /// <summary>Begins a row group.</summary>
    /// <param name="skip">Rows of it to pass over.</param>
    public void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _labels = SequenceLabelReader.Open(file, plan.Options.LabelColumn, rowGroup);
        _labels.Skip(skip);

        // What a shard that failed or was given up has left.
        _used = 0;
        foreach (var batch in _batches)
        {
            batch.Begin(_labels.IsUnsigned64);
        }
    }

    /// <summary>Evaluates the next row of the file.</summary>
    /// <param name="logits">At the row.</param>
    /// <param name="logitsAreNull">Whether the row's logits are null.</param>
    /// <exception cref="BadInputException">A position is invalid and the policy is to fail.</exception>
    /// <exception cref="ParquetException">The content cannot be read, or the labels end before the logits.</exception>
    public void Evaluate(SequenceLogitReader logits, bool logitsAreNull, in TilePlace place, Totals totals, IRowSink? sink)
    {
        if (!_labels!.NextRow(out var labels, out var areNull, out bool labelsAreNull))
        {
            throw place.EndsBeforeLogits(plan.Options.LabelColumn);
        }

        side.ReadOne(place);
        Begin(totals, place, sink);
        int positions = 0;
        bool isSound = true;
        while (logits.TryReadPositions(Room(), out var tile))
        {
            // More logits than labels may be shifted against each other: none can be trusted, but all are counted.
            isSound &= labelsAreNull || positions + tile.Rows <= labels.Length;
            if (isSound)
            {
                Append(
                    tile,
                    labelsAreNull ? _noLabels.AsSpan(0, tile.Rows) : labels.Slice(positions, tile.Rows),
                    labelsAreNull ? _areNull.AsSpan(0, tile.Rows) : areNull.Slice(positions, tile.Rows),
                    positions,
                    place);
            }

            positions += tile.Rows;
        }

        if (logitsAreNull)
        {
            AppendDefect(RowDefect.NullLogits, labels, areNull, labels.Length, place);
        }
        else if (!isSound || (!labelsAreNull && positions < labels.Length))
        {
            Reject(positions, labels, areNull, place);
        }

        End(totals);
    }

    /// <summary>Adds the positions that still wait.</summary>
    public void Flush(in TilePlace place, Totals totals, IRowSink? sink)
    {
        for (int b = 0; b < _used; b++)
        {
            tally.Add(_batches[b], place, totals, sink);
            _batches[b].Rows.Count = 0;
        }

        _used = 0;
    }

    /// <inheritdoc cref="TileEvaluator.LongerColumn"/>
    public string? LongerColumn() => _labels!.NextRow(out _, out _, out _) ? plan.Options.LabelColumn : null;

    public void Dispose()
    {
        _labels?.Dispose();
        _labels = null;
    }

    private void Begin(Totals totals, in TilePlace place, IRowSink? sink)
    {
        // Short sequences share a batch.
        if (_used > 1 || (_used == 1 && _batches[0].Rows.Count > plan.TileRows / 2))
        {
            Flush(place, totals, sink);
        }

        _firstBatch = Math.Max(_used - 1, 0);
        _firstRow = _used == 0 ? 0 : _batches[_firstBatch].Rows.Count;
        foreach (var sums in _sums)
        {
            sums.Clear();
        }
    }

    /// <summary>Positions that the last batch has room for; at least 1.</summary>
    private int Room()
    {
        if (_used == 0 || _batches[_used - 1].Rows.Count == plan.TileRows)
        {
            if (_used == _batches.Count)
            {
                var batch = new IndexTileEvaluator(plan);
                batch.Begin(_labels!.IsUnsigned64);
                _batches.Add(batch);
            }

            _used++;
        }

        return plan.TileRows - _batches[_used - 1].Rows.Count;
    }

    private void Append(in LogitTile tile, ReadOnlySpan<long> labels, ReadOnlySpan<bool> areNull, int position, in TilePlace place)
    {
        var batch = _batches[_used - 1];
        var rows = batch.Rows;
        int first = rows.Count;
        batch.Append(tile, labels, areNull, side);
        for (int i = first; i < rows.Count; i++)
        {
            rows.Row[i] = place.FirstRow;
            rows.Position[i] = position + i - first;
        }

        tally.Take(batch, first, tile, side, place);
        if (_hasProbabilities)
        {
            for (int i = first; _sums.Length > 0 && i < rows.Count; i++)
            {
                _rowSums[i - first] = rows.Fate[i] == RowFate.Evaluated ? _sums : null;
            }

            batch.AddProbabilities(tile, first, _sums.Length > 0 ? _rowSums.AsSpan(0, tile.Rows) : default);
        }
    }

    private void AppendDefect(RowDefect defect, ReadOnlySpan<long> labels, ReadOnlySpan<bool> areNull, int positions, in TilePlace place)
    {
        for (int position = 0; position < positions;)
        {
            int n = Math.Min(Room(), positions - position);
            int labelled = Math.Clamp(labels.Length - position, 0, n);
            n = labelled > 0 ? labelled : n;
            var tile = new LogitTile { Rows = n, Classes = plan.Classes ?? 0, Defect = defect };
            Append(tile, labelled > 0 ? labels.Slice(position, n) : _noLabels.AsSpan(0, n), labelled > 0 ? areNull.Slice(position, n) : _areNull.AsSpan(0, n), position, place);
            position += n;
        }
    }

    /// <summary>Counts all positions of a sequence whose logits and labels differ in number as invalid, and none as anything else.</summary>
    private void Reject(int positions, ReadOnlySpan<long> labels, ReadOnlySpan<bool> areNull, in TilePlace place)
    {
        if (plan.Options.OnInvalid == InvalidRowPolicy.Fail)
        {
            throw new BadInputException(
                $"{place.Path}: row group {place.Shard.RowGroup}, row {place.FirstRow}: {positions} positions have logits, but {labels.Length} have labels; mend the dump, or count such sequences with --on-invalid skip");
        }

        ForgetSequence();
        AppendDefect(RowDefect.WrongLength, labels, areNull, Math.Max(positions, labels.Length), place);
        for (int b = _firstBatch; b < _used; b++)
        {
            var rows = _batches[b].Rows;
            rows.Fate.AsSpan(FirstOf(b), rows.Count - FirstOf(b)).Fill(RowFates.Of(InvalidCause.WrongLength));
        }
    }

    private void ForgetSequence()
    {
        for (int b = _firstBatch; b < _used; b++)
        {
            _batches[b].Rows.Count = FirstOf(b);
        }

        _used = Math.Min(_used, _firstBatch + 1);
        foreach (var sums in _sums)
        {
            sums.Clear();
        }
    }

    private void End(Totals totals)
    {
        totals.Sequences++;
        bool isFirst = true;
        for (int b = _firstBatch; b < _used; b++)
        {
            var rows = _batches[b].Rows;
            for (int i = FirstOf(b); i < rows.Count; i++)
            {
                if (rows.Fate[i] != RowFate.Evaluated)
                {
                    continue;
                }

                if (isFirst)
                {
                    foreach (var into in _sums.Length == 0 ? [] : tally.ClassProbabilities(rows, i, null, totals))
                    {
                        into.Add(_sums[0]);
                    }
                }
                else if (rows.Bytes.Length > 0)
                {
                    // A sequence's bytes are those of all its positions: they count once.
                    rows.Bytes[i] = 0;
                }

                isFirst = false;
            }
        }
    }

    private int FirstOf(int batch) => batch == _firstBatch ? _firstRow : 0;
}
