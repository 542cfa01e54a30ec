using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Losses;

/// <summary>The columns of the file of row losses, as docs/results.md describes them.</summary>
internal sealed class LossTable : IDisposable
{
    // Fixed cuts, so that shards do not show in the bytes. The encoder is our own: no library's version shows in them either.
    private static readonly WriterOptions Options = new()
    {
        Codec = CompressionCodec.Snappy,
        RowGroupRows = 131_072,
        PageRows = 16_384,
    };

    private static readonly string[] CauseNames = [.. InvalidCauses.All.Select(InvalidCauses.Name)];

    private readonly TextColumn _file = new("file");
    private readonly NumberColumn<int> _rowGroup = new("row_group");
    private readonly NumberColumn<long> _row = new("row");
    private readonly NumberColumn<long> _label = new("label", nullable: true);
    private readonly NumberColumn<double> _loss = new("loss", nullable: true);
    private readonly NumberColumn<int> _predicted = new("predicted", nullable: true);
    private readonly NumberColumn<double> _probability = new("p_label", nullable: true);
    private readonly NumberColumn<int> _rank = new("rank", nullable: true);
    private readonly NumberColumn<int>? _index;
    private readonly NumberColumn<double>? _weight;
    private readonly TextColumn _status = new("status");
    private readonly TableWriter _writer;

    public LossTable(string path, RunPlan plan)
    {
        _index = plan.IsSequence ? new NumberColumn<int>("position") : plan.Target == TargetKind.Binary ? new NumberColumn<int>("class", nullable: true) : null;
        _weight = plan.IsWeighted ? new NumberColumn<double>("weight", nullable: true) : null;
        _writer = new TableWriter(
            path, [_file, _rowGroup, _row, .. Present(_index), _label, _loss, .. Present(_weight), _predicted, _probability, _rank, _status], Options);
    }

    /// <param name="row">0-based within the file; that of a position or an element is in its outcome.</param>
    public void Add(string file, int rowGroup, long row, in RowOutcome outcome)
    {
        _file.Append(file);
        _rowGroup.Append(rowGroup);
        _row.Append(outcome.Place?.Row ?? row);
        _index?.Append(outcome.Place!.Value.Index);
        _label.Append(outcome.Label);
        _loss.Append(outcome.Evaluated?.Loss);
        _weight?.Append(outcome.Weight);
        _predicted.Append(outcome.Evaluated?.Predicted);
        _probability.Append(outcome.Probability);
        _rank.Append(outcome.Evaluated?.Rank);
        _status.Append(Status(outcome));
        _writer.EndRow();
    }

    public void Close() => _writer.Close();

    public void Dispose() => _writer.Dispose();

    private static TableColumn[] Present(TableColumn? column) => column is null ? [] : [column];

    private static string Status(in RowOutcome outcome) =>
        outcome.Evaluated is not null ? "evaluated" : outcome.Cause is { } cause ? CauseNames[(int)cause] : "ignored";
}
