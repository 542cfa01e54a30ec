using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Evaluation;

/// <summary>Labels of a row group as class indices, row by row.</summary>
internal abstract class LabelReader : IDisposable
{
    /// <summary>Whether labels of 2^63 and above come out negative.</summary>
    public virtual bool IsUnsigned64 => false;

    /// <param name="classNames">What labels that are text are looked up in; null for labels that are integers.</param>
    public static LabelReader Open(ParquetFile file, string column, int rowGroup, ClassNameTable? classNames) =>
        classNames is null ? new Indices(IntegerColumnReader.Open(file, column, rowGroup)) : new Names(KeyColumnReader.Open(file, column, rowGroup), classNames);

    /// <summary>Reads the next rows, as many as fit the spans or the row group has.</summary>
    /// <param name="labels">A name that no class has becomes a negative number.</param>
    public abstract int Read(Span<long> labels, Span<bool> isNull);

    public abstract void Skip(long rows);

    public abstract void Dispose();

    private sealed class Indices(IntegerColumnReader reader) : LabelReader
    {
        public override bool IsUnsigned64 => reader.IsUnsigned64;

        public override int Read(Span<long> labels, Span<bool> isNull) => reader.Read(labels, isNull);

        public override void Skip(long rows) => reader.Skip(rows);

        public override void Dispose() => reader.Dispose();
    }

    private sealed class Names(KeyColumnReader reader, ClassNameTable names) : LabelReader
    {
        private int[] _keys = [];

        // What is negative is a name that no class has, and never the ignore index.
        public override bool IsUnsigned64 => true;

        public override int Read(Span<long> labels, Span<bool> isNull)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length, labels.Length));
            int read = reader.Read(_keys.AsSpan(0, labels.Length), names.Keys);
            for (int i = 0; i < read; i++)
            {
                isNull[i] = _keys[i] == KeyTable.Null;
                labels[i] = isNull[i] ? 0 : names.Label(_keys[i]);
            }

            return read;
        }

        public override void Skip(long rows) => reader.Skip(rows);

        public override void Dispose() => reader.Dispose();
    }
}
