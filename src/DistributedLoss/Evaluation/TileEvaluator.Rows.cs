using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Evaluation;

/// <content>What became of each row, for those who ask: before the rows that are not evaluated are counted and closed up.</content>
internal sealed partial class TileEvaluator
{
    private void Tell(IRowSink sink, in LogitTile tile, IntegerColumnReader labels)
    {
        for (int i = 0; i < tile.Rows; i++)
        {
            sink.Add(Outcome(tile, labels, i));
        }
    }

    private RowOutcome Outcome(in LogitTile tile, IntegerColumnReader labels, int i)
    {
        if (_classLabels[i] != Labels.Skip && tile.Defect == RowDefect.None && _statuses[i] == RowStatus.Valid)
        {
            return RowOutcome.Of(_labels[i], _losses[i], _predicted[i], _ranks[i]);
        }

        long? label = _labelIsNull[i] || IsHuge(labels, _labels[i]) ? null : _labels[i];
        return label == _options.IgnoreIndex ? RowOutcome.Ignored(label) : RowOutcome.Invalid(label, Cause(tile, i));
    }
}
