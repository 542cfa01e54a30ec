using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace DistributedLoss.ParquetNet.Tests;

/// <summary>A file as Parquet.Net writes it: columns of scalars and lists, in row groups of equal size.</summary>
internal sealed class ParquetNetFile(CompressionMethod codec = CompressionMethod.Snappy, ParquetOptions? options = null)
{
    private readonly List<(Field Field, DataField Leaf, Func<Range, DataColumn> Rows)> _columns = [];

    /// <summary>A column of one value a row.</summary>
    public ParquetNetFile Add<T>(string name, T[] values)
    {
        var leaf = new DataField<T>(name);
        _columns.Add((leaf, leaf, range => new DataColumn(leaf, values[range])));
        return this;
    }

    /// <summary>A list of three levels; null is a null list.</summary>
    public ParquetNetFile AddList<T>(string name, T[]?[] rows)
    {
        var leaf = new DataField<T>("element");
        _columns.Add((new ListField(name, leaf), leaf, range => ListColumn(leaf, rows[range])));
        return this;
    }

    /// <summary>A list of two levels: a repeated field, as <c>T[]</c> properties become.</summary>
    public ParquetNetFile AddRepeated<T>(string name, T[][] rows)
    {
        var leaf = new DataField(name, typeof(T), isNullable: false, isArray: true);
        _columns.Add((leaf, leaf, range => new DataColumn(
            leaf,
            rows[range].SelectMany(r => r).ToArray(),
            [.. rows[range].SelectMany(r => r.Select(_ => leaf.MaxDefinitionLevel))],
            [.. rows[range].SelectMany(r => r.Select((_, i) => i == 0 ? 0 : 1))])));
        return this;
    }

    public async Task WriteAsync(string path, int rows, int groupRows)
    {
        var schema = new ParquetSchema(_columns.Select(c => c.Field));
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, options);
        writer.CompressionMethod = codec;
        for (int first = 0; first < rows; first += groupRows)
        {
            using var group = writer.CreateRowGroup();
            foreach (var column in _columns)
            {
                await group.WriteColumnAsync(column.Rows(first..Math.Min(first + groupRows, rows)));
            }

            group.CompleteValidate();
        }
    }

    private static DataColumn ListColumn<T>(DataField leaf, T[]?[] rows)
    {
        int value = leaf.MaxDefinitionLevel, nullElement = leaf.IsNullable ? value - 1 : value;
        var levels = new List<(int Definition, int Repetition)>();
        foreach (var row in rows)
        {
            if (row is null || row.Length == 0)
            {
                levels.Add((row is null ? 0 : 1, 0));
                continue;
            }

            levels.AddRange(row.Select((v, i) => (v is null ? nullElement : value, i == 0 ? 0 : 1)));
        }

        T[] defined = [.. rows.OfType<T[]>().SelectMany(r => r).Where(v => v is not null)];
        var values = Array.CreateInstance(leaf.ClrType, defined.Length);
        for (int i = 0; i < defined.Length; i++)
        {
            values.SetValue(defined[i], i);
        }

        return new DataColumn(leaf, values, [.. levels.Select(l => l.Definition)], [.. levels.Select(l => l.Repetition)]);
    }
}
