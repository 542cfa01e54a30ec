using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>
/// Writes a dump of predictions row by row. Lists and packed columns are streamed page by page; labels, ids and flat columns are kept for one
/// row group. The file appears when <see cref="Close"/> returns; a writer disposed before that leaves nothing.
/// </summary>
public sealed class DumpWriter : IDisposable
{
    // A row group of flat columns is kept in one array until it is written.
    private const int MaxFlatBytes = 1 << 30;

    private readonly DumpSchema _dump;
    private readonly WriterOptions _options;
    private readonly AtomicFile _file;
    private readonly PageWriter _pages;
    private readonly ScalarColumn _scalars;
    private readonly Schema _schema;
    private readonly StreamedColumn? _streamed;
    private readonly FooterBuilder _footer;

    // The current row group's scalars: flat logits row by row, labels, and which of them are null.
    private readonly GrowingBuffer _flat = new();
    private readonly List<bool> _flatNulls = [];
    private readonly List<long> _labels = [];
    private readonly List<bool> _labelNulls = [];
    private readonly List<double> _weights = [];
    private readonly List<bool> _weightNulls = [];
    private byte[] _row = [];
    private long _rows;
    private bool _closed;

    /// <summary>Begins a file. Nothing is at <paramref name="path"/> until <see cref="Close"/>; what was there stays until then.</summary>
    /// <exception cref="ArgumentException">The schema or the options contradict themselves.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public DumpWriter(string path, DumpSchema schema, WriterOptions? options = null)
    {
        _dump = schema;
        _options = options ?? new WriterOptions();
        schema.Check();
        _options.Check();
        if (schema.Layout == LogitLayout.Flat && (long)_options.RowGroupRows * schema.Classes * schema.LogitWidth > MaxFlatBytes)
        {
            throw new ArgumentException(
                $"row groups of {_options.RowGroupRows} rows of {schema.Classes} flat columns pass {MaxFlatBytes} bytes; choose fewer rows");
        }
        _schema = Schema.Build(schema.ToElements());
        _file = new AtomicFile(path);
        _pages = new PageWriter(_file.Stream, _options);
        _scalars = new ScalarColumn(_pages, _options);
        if (schema.Layout != LogitLayout.Flat)
        {
            int width = schema.Layout switch
            {
                LogitLayout.List => schema.LogitWidth,
                LogitLayout.PackedFixed => schema.LogitWidth * schema.Classes,
                _ => 0,
            };
            bool list = schema.Layout == LogitLayout.List;
            _streamed = new StreamedColumn(_schema.Leaves[0], width, _pages, list ? _options : _options with { StraddleRows = false });
        }
        _footer = new FooterBuilder(_pages);
        _footer.WriteMagic();
    }

    /// <summary>The sample weight of the rows appended from here on, where the schema has a column for it; null is a null.</summary>
    public double? Weight { get; set; } = 1;

    private int RowsInGroup => _labels.Count;

    /// <summary>Appends whole rows.</summary>
    /// <param name="logits">Row-major: labels.Length rows of C logits.</param>
    /// <param name="labels">One a row.</param>
    /// <exception cref="ArgumentException">The lengths do not agree, or a label does not fit the label column.</exception>
    public void Append(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        CheckLengths(logits.Length, labels.Length);
        for (int r = 0; r < labels.Length; r++)
        {
            ReadOnlySpan<float> row = logits.Slice(r * _dump.Classes, _dump.Classes);
            BeginRow(labels[r]);
            LogitEncoder.Encode(row, _dump.LogitType, RowBuffer(row.Length));
            AppendLogits(row.Length);
            EndRow(labels[r]);
        }
    }

    /// <inheritdoc cref="Append(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public void Append(ReadOnlySpan<double> logits, ReadOnlySpan<long> labels)
    {
        CheckLengths(logits.Length, labels.Length);
        for (int r = 0; r < labels.Length; r++)
        {
            AppendRow(logits.Slice(r * _dump.Classes, _dump.Classes), labels[r]);
        }
    }

    /// <summary>Appends one row. A list or BYTE_ARRAY may have any number of logits, none included; other layouts have C.</summary>
    public void AppendRow(ReadOnlySpan<double> logits, long? label)
    {
        if (_dump.Layout is LogitLayout.Flat or LogitLayout.PackedFixed)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _dump.Classes);
        }
        BeginRow(label);
        LogitEncoder.Encode(logits, _dump.LogitType, RowBuffer(logits.Length));
        AppendLogits(logits.Length);
        EndRow(label);
    }

    /// <summary>Appends one row of a list with <see cref="DumpSchema.NullableElements"/>, some of whose logits are null.</summary>
    public void AppendRow(ReadOnlySpan<double?> logits, long? label)
    {
        if (_dump.Layout != LogitLayout.List || !_dump.NullableElements || logits.IsEmpty)
        {
            throw new ArgumentException("null logits stand in lists of nullable elements only", nameof(logits));
        }
        BeginRow(label);
        bool[] isNull = new bool[logits.Length];
        var present = new List<double>(logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            isNull[i] = logits[i] is null;
            if (logits[i] is double value)
            {
                present.Add(value);
            }
        }
        Span<byte> bytes = RowBuffer(present.Count);
        LogitEncoder.Encode(CollectionsMarshal.AsSpan(present), _dump.LogitType, bytes);
        _streamed!.AppendRow(bytes, isNull);
        EndRow(label);
    }

    /// <summary>Appends one row whose logits are null as a whole (each of them, in the flat layout).</summary>
    public void AppendNullLogits(long? label)
    {
        if (!_dump.NullableLogits)
        {
            throw new InvalidOperationException("the schema's logits are required");
        }
        BeginRow(label);
        if (_streamed is not null)
        {
            _streamed.AppendNull();
        }
        else
        {
            _flat.Append(_dump.Classes * _dump.LogitWidth).Clear();
            _flatNulls.Add(true);
        }
        EndRow(label);
    }

    /// <summary>Writes the last row group, the indexes and the footer, and gives the file its name.</summary>
    public void Close()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        EndRowGroup();
        _footer.Write(_dump.ToElements());
        _file.Commit();
        _closed = true;
    }

    public void Dispose()
    {
        _closed = true;
        _file.Dispose();
    }

    private void CheckLengths(int logits, int labels)
    {
        if (logits != (long)labels * _dump.Classes)
        {
            throw new ArgumentException($"{labels} labels and {_dump.Classes} classes take {(long)labels * _dump.Classes} logits, not {logits}");
        }
    }

    private void BeginRow(long? label)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (label is null && !_dump.NullableLabel)
        {
            throw new ArgumentException("the schema's label is required", nameof(label));
        }
        if (!_dump.Int64Labels && label is < int.MinValue or > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(label), label, "the label does not fit the schema's int32");
        }
    }

    private Span<byte> RowBuffer(int logits)
    {
        int length = logits * _dump.LogitWidth;
        if (_row.Length < length)
        {
            _row = new byte[length];
        }
        return _row.AsSpan(0, length);
    }

    private void AppendLogits(int count)
    {
        ReadOnlySpan<byte> bytes = RowBuffer(count);
        switch (_dump.Layout)
        {
            case LogitLayout.List:
                _streamed!.AppendRow(bytes, count);
                break;
            case LogitLayout.PackedFixed:
                _streamed!.AppendRow(bytes, 1);
                break;
            case LogitLayout.PackedBinary:
                byte[] value = new byte[4 + bytes.Length];
                BinaryPrimitives.WriteInt32LittleEndian(value, bytes.Length);
                bytes.CopyTo(value.AsSpan(4));
                _streamed!.AppendRow(value, 1);
                break;
            default:
                _flat.Append(bytes);
                _flatNulls.Add(false);
                break;
        }
    }

    private void EndRow(long? label)
    {
        _labels.Add(label ?? 0);
        _labelNulls.Add(label is null);
        _weights.Add(Weight ?? 0);
        _weightNulls.Add(Weight is null);
        _rows++;
        if (RowsInGroup == _options.RowGroupRows)
        {
            EndRowGroup();
        }
    }

    private void EndRowGroup()
    {
        if (RowsInGroup == 0)
        {
            return;
        }
        List<ChunkBuilder> chunks = _streamed is null ? WriteFlat() : [_streamed.EndChunk()];
        chunks.Add(WriteLabels(_schema.Leaves[chunks.Count]));
        if (_dump.IdName is not null)
        {
            chunks.Add(WriteIds(_schema.Leaves[chunks.Count]));
        }
        if (_dump.WeightName is not null)
        {
            chunks.Add(_scalars.Write(
                _schema.Leaves[chunks.Count], MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_weights)), sizeof(double), CollectionsMarshal.AsSpan(_weightNulls), split: false));
        }
        _footer.Add(RowsInGroup, chunks, HasIndex);
        _flat.Clear();
        _flatNulls.Clear();
        _labels.Clear();
        _labelNulls.Clear();
        _weights.Clear();
        _weightNulls.Clear();
    }

    private bool HasIndex(int column) => _options.OffsetIndex && !(_options.StraddleRows && _schema.Leaves[column].MaxRepetitionLevel > 0);

    private List<ChunkBuilder> WriteFlat()
    {
        int width = _dump.LogitWidth, rowBytes = width * _dump.Classes, rows = RowsInGroup;
        var chunks = new List<ChunkBuilder>(_dump.Classes + 2);
        byte[] column = new byte[rows * width];
        ReadOnlySpan<byte> flat = _flat.Written;
        ReadOnlySpan<bool> isNull = _dump.NullableLogits ? CollectionsMarshal.AsSpan(_flatNulls) : default;
        for (int c = 0; c < _dump.Classes; c++)
        {
            for (int r = 0; r < rows; r++)
            {
                flat.Slice((r * rowBytes) + (c * width), width).CopyTo(column.AsSpan(r * width));
            }
            chunks.Add(_scalars.Write(_schema.Leaves[c], column, width, isNull, _options.ByteStreamSplit));
        }
        return chunks;
    }

    private ChunkBuilder WriteLabels(SchemaLeaf leaf)
    {
        int width = _dump.Int64Labels ? 8 : 4;
        byte[] plain = new byte[RowsInGroup * width];
        for (int r = 0; r < RowsInGroup; r++)
        {
            Span<byte> value = plain.AsSpan(r * width, width);
            if (_dump.Int64Labels)
            {
                BinaryPrimitives.WriteInt64LittleEndian(value, _labels[r]);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(value, (int)_labels[r]);
            }
        }
        ReadOnlySpan<bool> isNull = _dump.NullableLabel ? CollectionsMarshal.AsSpan(_labelNulls) : default;
        return _options.LabelDictionary
            ? _scalars.WriteDictionary(leaf, plain, width, isNull)
            : _scalars.Write(leaf, plain, width, isNull, split: false);
    }

    private ChunkBuilder WriteIds(SchemaLeaf leaf)
    {
        byte[] plain = new byte[RowsInGroup * 8];
        long first = _options.FirstId + _rows - RowsInGroup;
        for (int r = 0; r < RowsInGroup; r++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(plain.AsSpan(r * 8), first + r);
        }
        return _scalars.Write(leaf, plain, 8, [], split: false);
    }
}
