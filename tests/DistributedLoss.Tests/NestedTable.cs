using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Tests;

/// <summary>
/// Writes small tables of scalars, lists and lists of lists, as soft targets and sequences have them, with everything optional that can be: PLAIN pages of
/// version 1, uncompressed. A column's type is that of its array: double, float, long, int, bool or string, which may be null, or arrays of them at any depth.
/// </summary>
internal sealed class NestedTable(params (string Name, Array Rows)[] columns)
{
    public int GroupRows { get; init; } = 10;

    public int PageRows { get; init; } = 3;

    public void Write(string path)
    {
        using var file = File.Create(path);
        file.Write("PAR1"u8);
        int rows = columns[0].Rows.Length;
        List<RowGroupMetadata> groups = [];
        for (int first = 0; first < rows; first += GroupRows)
        {
            int count = Math.Min(GroupRows, rows - first);
            var chunks = columns.Select(column => WriteChunk(file, column.Name, column.Rows, first, count)).ToArray();
            groups.Add(new RowGroupMetadata { Columns = chunks, NumRows = count, TotalByteSize = chunks.Sum(c => c.TotalUncompressedSize) });
        }

        byte[] footer = new FileMetadata
        {
            Version = 1,
            Schema = [new SchemaElement("schema") { NumChildren = columns.Length }, .. columns.SelectMany(c => Elements(c.Name, c.Rows.GetType().GetElementType()!))],
            NumRows = rows,
            RowGroups = groups,
        }.ToBytes();
        file.Write(footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        file.Write(length);
        file.Write("PAR1"u8);
    }

    private static IEnumerable<SchemaElement> Elements(string name, Type type)
    {
        if (type.IsArray)
        {
            var list = new SchemaElement(name) { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List, LogicalType = new(LogicalTypeKind.List) };
            return [list, new SchemaElement("list") { Repetition = Repetition.Repeated, NumChildren = 1 }, .. Elements("element", type.GetElementType()!)];
        }

        bool text = type == typeof(string);
        return [new SchemaElement(name) { Repetition = Repetition.Optional, Type = Physical(type), ConvertedType = text ? ConvertedType.Utf8 : null }];
    }

    private ColumnChunkMetadata WriteChunk(FileStream file, string name, Array rows, int first, int count)
    {
        var type = rows.GetType().GetElementType()!;
        int depth = Depth(type);
        long start = file.Position, values = 0;
        for (int row = first; row < first + count; row += PageRows)
        {
            var page = new Page(depth);
            for (int i = row; i < Math.Min(row + PageRows, first + count); i++)
            {
                page.Add(rows.GetValue(i), depth, 0, 0);
            }

            byte[] body = page.ToBytes();
            file.Write(new PageHeader
            {
                Type = PageType.Data,
                NumValues = page.Count,
                Encoding = ParquetEncoding.Plain,
                DefinitionLevelEncoding = ParquetEncoding.Rle,
                RepetitionLevelEncoding = ParquetEncoding.Rle,
                UncompressedSize = body.Length,
                CompressedSize = body.Length,
            }.ToBytes());
            file.Write(body);
            values += page.Count;
        }

        return new ColumnChunkMetadata
        {
            Type = Physical(Leaf(type)),
            Path = [name, .. Enumerable.Repeat((string[])["list", "element"], depth).SelectMany(part => part)],
            Codec = CompressionCodec.Uncompressed,
            Encodings = [ParquetEncoding.Plain, ParquetEncoding.Rle],
            NumValues = values,
            TotalCompressedSize = file.Position - start,
            TotalUncompressedSize = file.Position - start,
            DataPageOffset = start,
        };
    }

    private static int Depth(Type type) => type.IsArray ? 1 + Depth(type.GetElementType()!) : 0;

    private static Type Leaf(Type type) => type.IsArray ? Leaf(type.GetElementType()!) : Nullable.GetUnderlyingType(type) ?? type;

    private static PhysicalType Physical(Type type) => Type.GetTypeCode(Leaf(type)) switch
    {
        TypeCode.Double => PhysicalType.Double,
        TypeCode.Single => PhysicalType.Float,
        TypeCode.Int64 => PhysicalType.Int64,
        TypeCode.Int32 => PhysicalType.Int32,
        TypeCode.Boolean => PhysicalType.Boolean,
        TypeCode.String => PhysicalType.ByteArray,
        _ => throw new NotSupportedException($"no column of {type}"),
    };

    private sealed class Page(int depth)
    {
        private readonly List<int> _repetition = [];
        private readonly List<int> _definition = [];
        private readonly List<byte> _values = [];
        private readonly List<bool> _bits = [];

        public int Count => _definition.Count;

        /// <param name="levels">How many levels of lists the value has.</param>
        public void Add(object? value, int levels, int repetition, int definition)
        {
            if (value is null || levels == 0 || ((Array)value).Length == 0)
            {
                _repetition.Add(repetition);
                _definition.Add(value is null ? definition : definition + 1);
                if (value is not null && levels == 0)
                {
                    Append(value);
                }

                return;
            }

            int own = depth - levels + 1;
            var items = (Array)value;
            for (int i = 0; i < items.Length; i++)
            {
                Add(items.GetValue(i), levels - 1, i == 0 ? repetition : own, definition + 2);
            }
        }

        public byte[] ToBytes()
        {
            byte[] bits = new byte[(_bits.Count + 7) / 8];
            for (int i = 0; i < _bits.Count; i++)
            {
                bits[i / 8] |= (byte)(_bits[i] ? 1 << (i % 8) : 0);
            }

            return [.. depth == 0 ? [] : Levels(_repetition, depth), .. Levels(_definition, 1 + (2 * depth)), .. _values, .. bits];
        }

        // Runs of the hybrid encoding, one a level; all levels here fit one byte.
        private static byte[] Levels(List<int> levels, int most)
        {
            Assert.InRange(BitOperations.Log2((uint)most), 0, 7);
            byte[] runs = [.. levels.SelectMany(level => (byte[])[1 << 1, (byte)level])];
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, runs.Length);
            return [.. length, .. runs];
        }

        private void Append(object value)
        {
            switch (value)
            {
                case bool bit:
                    _bits.Add(bit);
                    return;
                case string text:
                    byte[] utf8 = Encoding.UTF8.GetBytes(text);
                    _values.AddRange([.. BitConverter.GetBytes(utf8.Length), .. utf8]);
                    return;
                default:
                    _values.AddRange(value switch
                    {
                        double x => BitConverter.GetBytes(x),
                        float x => BitConverter.GetBytes(x),
                        long x => BitConverter.GetBytes(x),
                        int x => BitConverter.GetBytes(x),
                        _ => throw new NotSupportedException($"no value of {value.GetType()}"),
                    });
                    return;
            }
        }
    }
}
