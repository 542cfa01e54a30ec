using System.Buffers.Binary;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Runs;

/// <summary>Looks at the first rows of a dataset's first, middle and last row group. What that reads is bounded, whatever the files hold.</summary>
public sealed class InputSample
{
    /// <summary>Most rows that are looked at.</summary>
    public const int MaxRows = 256;

    /// <summary>What a run may decompress to look at its input: a few pages as most writers cut them, in a few milliseconds.</summary>
    private const int BytesBeforeRun = 4 << 20;

    /// <summary>Values of one row group: five rows of a language model.</summary>
    private const int MaxValues = 1 << 18;

    /// <summary>Each column has a page to be opened.</summary>
    private const int MaxFlatColumns = 64;

    // Pages that can be read in part are.
    private static readonly ReaderLimits InPart = new() { WindowBytes = 64 << 10, StreamedPageBytes = 256 << 10 };

    private readonly InputLook _look;
    private readonly LogitColumnSpec _spec;
    private readonly int _maxHeldBytes;
    private readonly Predicate<InputLook> _isEnough;
    private readonly double[] _values;
    private readonly CancellationToken _cancel;

    private InputSample(RunPlan plan, int classes, int maxHeldBytes, Predicate<InputLook> isEnough, CancellationToken cancel)
    {
        _look = new InputLook(plan.Target == TargetKind.Binary);
        _spec = plan.Options.LogitColumnSpec;
        _values = new double[classes];
        (_maxHeldBytes, _isEnough, _cancel) = (maxHeldBytes, isEnough, cancel);
    }

    /// <summary>What looks unlike the input that the plan's options declare, in the first rows that tell; null where nothing does.</summary>
    public static InputDoubt? Doubt(RunPlan plan, CancellationToken cancel = default)
    {
        var declared = plan.Options.Loss.Input;
        return Read(plan, BytesBeforeRun, look => look.IsSettled(declared), cancel).Doubt(declared);
    }

    /// <summary>Never fails: rows that cannot be read within the bounds, or at all, are not looked at.</summary>
    /// <param name="maxHeldBytes">Largest page that is decompressed for it, where codec or encoding want it held whole.</param>
    /// <param name="isEnough">Asked after each row; null looks at all rows of the sample.</param>
    /// <exception cref="OperationCanceledException">Of files behind URLs.</exception>
    public static InputLook Read(RunPlan plan, int maxHeldBytes, Predicate<InputLook>? isEnough = null, CancellationToken cancel = default)
    {
        if (plan.Classes is not { } classes || plan.Shards.Count == 0 || (plan.Options.LogitsPrefix is not null && classes > MaxFlatColumns))
        {
            return new InputLook(plan.Target == TargetKind.Binary);
        }

        var sample = new InputSample(plan, classes, maxHeldBytes, isEnough ?? (_ => false), cancel);
        var shards = new List<Shard>();
        foreach (var shard in new[] { plan.Shards[0], plan.Shards[plan.Shards.Count / 2], plan.Shards[^1] })
        {
            if (shards.Count == 0 || (shards[^1].File, shards[^1].RowGroup) != (shard.File, shard.RowGroup))
            {
                shards.Add(shard);
            }
        }

        int rows = Math.Clamp(MaxValues / classes, 1, MaxRows / shards.Count);
        foreach (var shard in shards)
        {
            try
            {
                if (!sample.GoOn(plan.Files[shard.File].Path, shard.RowGroup, rows))
                {
                    break;
                }
            }
            catch (Exception e) when (e is ParquetException or IOException or UnauthorizedAccessException)
            {
                // The evaluation reads the same pages, and says what is wrong with them.
            }
        }

        return sample._look;
    }

    /// <returns>False when it is enough.</returns>
    private bool GoOn(string path, int rowGroup, int rows)
    {
        using var file = Open(path, rowGroup);
        var column = LogitColumn.Resolve(file, _spec);
        if (column.IsSequence)
        {
            return GoOnInSequences(column, rowGroup, rows);
        }

        using var reader = column.OpenReader(rowGroup, _values.Length);
        for (int done = 0; done < rows && reader.TryRead(rows - done, out var tile); done += tile.Rows)
        {
            if (!GoOn(tile))
            {
                return false;
            }
        }

        return true;
    }

    private bool GoOnInSequences(LogitColumn column, int rowGroup, int positions)
    {
        using var reader = column.OpenSequenceReader(rowGroup, _values.Length);
        int done = 0;
        while (done < positions && reader.NextRow(out _))
        {
            for (; done < positions && reader.TryReadPositions(positions - done, out var tile); done += tile.Rows)
            {
                if (!GoOn(tile))
                {
                    return false;
                }
            }

            // Empty sequences cost as well.
            done++;
        }

        return true;
    }

    private bool GoOn(in LogitTile tile)
    {
        for (int i = 0; i < tile.Rows && tile.Defect == RowDefect.None; i++)
        {
            Widen(tile, i, _values);
            _look.Add(_values);
            if (_isEnough(_look))
            {
                return false;
            }
        }

        return true;
    }

    private ParquetFile Open(string path, int rowGroup)
    {
        var file = InputFiles.Open(path, Reading.InParts, InPart, _cancel);
        if (file.Metadata.RowGroups[rowGroup].Columns.All(IsReadInPart))
        {
            return file;
        }

        file.Dispose();
        return InputFiles.Open(path, Reading.InParts, InPart with { MaxPageBytes = _maxHeldBytes }, _cancel);
    }

    // docs/formats.md, "Memory".
    private static bool IsReadInPart(ColumnChunkMetadata chunk) =>
        chunk.Codec is CompressionCodec.Uncompressed or CompressionCodec.Zstd or CompressionCodec.Gzip or CompressionCodec.Brotli
        && IsReadInPart(chunk.Encodings);

    private static bool IsReadInPart(IReadOnlyList<ParquetEncoding> encodings)
    {
        for (int i = 0; i < encodings.Count; i++)
        {
            if (encodings[i] is ParquetEncoding.ByteStreamSplit or ParquetEncoding.DeltaByteArray or ParquetEncoding.DeltaLengthByteArray)
            {
                return false;
            }
        }

        return true;
    }

    private static unsafe void Widen(in LogitTile tile, int row, Span<double> values)
    {
        int width = tile.Format switch { FloatFormat.Float32 => sizeof(float), FloatFormat.Float64 => sizeof(double), _ => sizeof(short) };
        for (int c = 0; c < values.Length; c++)
        {
            values[c] = Widen(tile.Format, tile.Layout == TileLayout.RowMajor
                ? tile.Values.Slice(((row * values.Length) + c) * width, width)
                : new ReadOnlySpan<byte>((byte*)tile.Columns[c] + ((long)row * width), width));
        }
    }

    private static double Widen(FloatFormat format, ReadOnlySpan<byte> value) => format switch
    {
        FloatFormat.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(value),
        FloatFormat.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(value) << 16),
        FloatFormat.Float32 => BinaryPrimitives.ReadSingleLittleEndian(value),
        FloatFormat.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(value),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
