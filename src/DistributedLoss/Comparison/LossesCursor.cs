using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>Reads the lines of files of row losses.</summary>
internal sealed class LossesCursor(LossesSide side, ComparisonOptions options, SliceTable? slices) : RowCursor(side, options, slices)
{
    private const int BatchRows = 4096;

    /// <summary>Distinct names of dumps that a file may have.</summary>
    private const int MaxNames = 1 << 20;

    /// <summary>Labels that are taken for classes: their figures take some 250 bytes each.</summary>
    private const int MostClasses = 1 << 24;

    private readonly SideColumns _beside = new(side.Plan);
    private readonly TextColumn _files = new("file", new KeyTable(MaxNames));
    private readonly TextColumn _statuses = new("status", new KeyTable(64));
    private readonly List<int> _names = [];
    private readonly List<RowFate> _fates = [];
    private readonly LongColumn _rowGroups = new("row_group");
    private readonly LongColumn _rows = new("row");
    private readonly LongColumn _labels = new("label");
    private readonly LongColumn _indices = new(side.IsBinary ? "class" : "position");
    private readonly LongColumn _predicted = new("predicted");
    private readonly LongColumn _ranks = new("rank");
    private readonly DoubleColumn _targets = new("target");
    private readonly DoubleColumn _losses = new("loss");
    private readonly DoubleColumn _weights = new("weight");
    private ParquetFile? _file;
    private Shard? _shard;
    private long _done;

    private Column[] Columns =>
    [
        _files, _statuses, _rowGroups, _rows, _losses, _predicted,
        .. side.IsBinary ? (Column[])[_targets] : [_labels, _ranks],
        .. side.IsBinary || side.IsSequence ? (Column[])[_indices] : [],
        .. side.IsWeighted ? (Column[])[_weights] : [],
    ];

    public override void Dispose()
    {
        base.Dispose();
        Close();
        _beside.Dispose();
    }

    protected override bool LoadBatch()
    {
        if (_shard is not null && _done == _shard.Rows)
        {
            _shard = null;
        }

        if (_shard is null && !OpenNext())
        {
            return false;
        }

        int n = (int)Math.Min(BatchRows, _shard!.Rows - _done);
        var place = new TilePlace(_file!.Path, _shard, _shard.FirstRow + _done);
        foreach (var column in Columns)
        {
            if (column.Read(n) < n)
            {
                throw place.EndsBeforeLogits(column.Name);
            }
        }

        _beside.Read(n, place);
        ReadKeys(n, place);
        for (int i = 0; i < n; i++)
        {
            Append(Line(i, place.FirstRow + i), i);
        }

        _done += n;
        return true;
    }

    private bool OpenNext()
    {
        _shard = NextShard();
        if (_shard is null)
        {
            return false;
        }

        var input = side.Files[_shard.File];
        if (_file?.Path != input.Path)
        {
            Close();
            _file = LocalInputs.Open(input);
        }

        foreach (var column in Columns)
        {
            column.Open(_file, _shard.RowGroup, _shard.Start.FirstRow);
        }

        _beside.Open(_file, _shard.RowGroup, _shard.Start.FirstRow);
        OpenBeside(_file, _shard, _beside);
        _done = 0;
        return true;
    }

    private ComparedRow Line(int i, long line)
    {
        var fate = Fate(i, line);
        bool isEvaluated = fate == RowFate.Evaluated;
        bool hasLabel = !(side.IsBinary ? _targets.IsNull[i] : _labels.IsNull[i]);
        if (isEvaluated && (_losses.IsNull[i] || _predicted.IsNull[i] || !hasLabel || (side.IsWeighted && _weights.IsNull[i])))
        {
            throw Wrong(line, "it is evaluated, but loss, label, prediction or weight is null");
        }

        if (isEvaluated && side.IsWeighted && !(_weights.Values[i] >= 0 && double.IsFinite(_weights.Values[i])))
        {
            throw Wrong(line, $"its weight is {_weights.Values[i]}");
        }

        bool hasIndex = (side.IsBinary || side.IsSequence) && !_indices.IsNull[i];
        if (hasIndex && _indices.Values[i] is < 0 or >= MostClasses)
        {
            throw Wrong(line, $"its {_indices.Name} is {_indices.Values[i]}");
        }

        if (isEvaluated && !side.IsBinary && _labels.Values[i] is < 0 or >= MostClasses)
        {
            throw Wrong(line, $"it is evaluated with label {_labels.Values[i]}, outside 0 to {MostClasses - 1}");
        }

        return new ComparedRow
        {
            Order = side.FirstOrder(_shard!.File) + line,
            Row = _rows.Values[i],
            RowGroup = (int)_rowGroups.Values[i],
            Label = !hasLabel ? 0 : side.IsBinary ? BitConverter.DoubleToInt64Bits(_targets.Values[i]) : _labels.Values[i],
            HasLabel = hasLabel,
            Loss = isEvaluated ? _losses.Values[i] : 0,
            Weight = side.IsWeighted && isEvaluated ? _weights.Values[i] : 1,
            File = Name(i),
            Index = hasIndex ? (int)_indices.Values[i] : ComparedRow.NoIndex,
            Predicted = (int)_predicted.Values[i],
            IsRight = isEvaluated && (side.IsBinary ? _predicted.Values[i] == (_targets.Values[i] >= 0.5 ? 1 : 0) : _ranks.Values[i] == 1),
            Fate = fate,
        };
    }

    private int Name(int i)
    {
        int key = _files.Keys[i];
        while (_names.Count <= key)
        {
            _names.Add(side.Names.NumberOf(_files.Table[_names.Count]));
        }

        return key < 0 ? side.Names.NumberOf("") : _names[key];
    }

    private RowFate Fate(int i, long line)
    {
        int key = _statuses.Keys[i];
        while (_fates.Count <= key)
        {
            _fates.Add(_statuses.Table[_fates.Count] switch
            {
                "evaluated" => RowFate.Evaluated,
                "ignored" => RowFate.Ignored,
                var cause when Array.FindIndex(InvalidCauses.All, c => InvalidCauses.Name(c) == cause) is >= 0 and var c => RowFates.Of(InvalidCauses.All[c]),
                var other => throw Wrong(line, $"its status is \"{other}\""),
            });
        }

        return key < 0 ? throw Wrong(line, "its status is null") : _fates[key];
    }

    private BadInputException Wrong(long line, string what) =>
        new($"{_file!.Path}: row group {_shard!.RowGroup}, row {line}: {what}; give a file as evaluate --losses writes it");

    private void Close()
    {
        foreach (var column in Columns)
        {
            column.Dispose();
        }

        _file?.Dispose();
        _file = null;
    }

    private abstract class Column(string name) : IDisposable
    {
        public string Name => name;

        public abstract void Open(ParquetFile file, int rowGroup, long skip);

        /// <summary>Reads so many rows, or as many as there are.</summary>
        public abstract int Read(int rows);

        public abstract void Dispose();
    }

    private sealed class LongColumn(string name) : Column(name)
    {
        private IntegerColumnReader? _reader;

        public long[] Values { get; } = new long[BatchRows];

        public bool[] IsNull { get; } = new bool[BatchRows];

        public override void Open(ParquetFile file, int rowGroup, long skip)
        {
            Dispose();
            _reader = IntegerColumnReader.Open(file, Name, rowGroup);
            _reader.Skip(skip);
        }

        public override int Read(int rows) => _reader!.Read(Values.AsSpan(0, rows), IsNull.AsSpan(0, rows));

        public override void Dispose() => _reader?.Dispose();
    }

    private sealed class DoubleColumn(string name) : Column(name)
    {
        private NumberColumnReader? _reader;

        public double[] Values { get; } = new double[BatchRows];

        public bool[] IsNull { get; } = new bool[BatchRows];

        public override void Open(ParquetFile file, int rowGroup, long skip)
        {
            Dispose();
            _reader = NumberColumnReader.Open(file, Name, rowGroup);
            _reader.Skip(skip);
        }

        public override int Read(int rows) => _reader!.Read(Values.AsSpan(0, rows), IsNull.AsSpan(0, rows));

        public override void Dispose() => _reader?.Dispose();
    }

    private sealed class TextColumn(string name, KeyTable table) : Column(name)
    {
        private KeyColumnReader? _reader;

        public KeyTable Table => table;

        public int[] Keys { get; } = new int[BatchRows];

        public override void Open(ParquetFile file, int rowGroup, long skip)
        {
            Dispose();
            _reader = KeyColumnReader.Open(file, Name, rowGroup);
            _reader.Skip(skip);
        }

        public override int Read(int rows) => _reader!.Read(Keys.AsSpan(0, rows), table);

        public override void Dispose() => _reader?.Dispose();
    }
}
