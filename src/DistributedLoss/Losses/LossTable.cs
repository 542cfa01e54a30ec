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

    private readonly List<TableColumn> _columns = [];
    private readonly TextColumn _file;
    private readonly NumberColumn<int> _rowGroup;
    private readonly NumberColumn<long> _row;
    private readonly NumberColumn<int>? _index;
    private readonly NumberColumn<long>? _label;
    private readonly NumberColumn<double>? _target;
    private readonly NumberColumn<double> _loss;
    private readonly NumberColumn<double>? _weight;
    private readonly NumberColumn<int> _predicted;
    private readonly NumberColumn<double> _probability;
    private readonly NumberColumn<int>? _rank;
    private readonly TextColumn _status;
    private readonly TableWriter _writer;

    public LossTable(string path, RunPlan plan)
    {
        bool isBinary = plan.Target == TargetKind.Binary;
        _file = Add(new TextColumn("file"));
        _rowGroup = Add(new NumberColumn<int>("row_group"));
        _row = Add(new NumberColumn<long>("row"));
        _index = plan.IsSequence ? Add(new NumberColumn<int>("position")) : isBinary ? AddNullable<int>("class") : null;
        _label = isBinary ? null : AddNullable<long>("label");
        _target = isBinary ? AddNullable<double>("target") : null;
        _loss = AddNullable<double>("loss");
        _weight = plan.IsWeighted ? AddNullable<double>("weight") : null;
        _predicted = AddNullable<int>("predicted");
        _probability = AddNullable<double>(isBinary ? "p_positive" : "p_label");
        _rank = isBinary ? null : AddNullable<int>("rank");
        _status = Add(new TextColumn("status"));
        _writer = new TableWriter(path, _columns, Options);
    }

    /// <param name="row">0-based within the file; that of a position or an element is in its outcome.</param>
    public void Add(string file, int rowGroup, long row, in RowOutcome outcome)
    {
        _file.Append(file);
        _rowGroup.Append(rowGroup);
        _row.Append(outcome.Place?.Row ?? row);
        _index?.Append(outcome.Place!.Value.Index);
        _label?.Append(outcome.Label);
        _target?.Append(outcome.Target);
        _loss.Append(outcome.Evaluated?.Loss);
        _weight?.Append(outcome.Weight);
        _predicted.Append(outcome.Evaluated?.Predicted);
        _probability.Append(outcome.PositiveProbability ?? outcome.Probability);
        _rank?.Append(outcome.Evaluated?.Rank);
        _status.Append(Status(outcome));
        _writer.EndRow();
    }

    public void Close() => _writer.Close();

    public void Dispose() => _writer.Dispose();

    private NumberColumn<T> AddNullable<T>(string name)
        where T : unmanaged => Add(new NumberColumn<T>(name, nullable: true));

    private T Add<T>(T column)
        where T : TableColumn
    {
        _columns.Add(column);
        return column;
    }

    private static string Status(in RowOutcome outcome) =>
        outcome.Evaluated is not null ? "evaluated" : outcome.Cause is { } cause ? CauseNames[(int)cause] : "ignored";
}
