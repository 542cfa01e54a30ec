using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Finds columns by name, and says what there is when there is none.</summary>
internal static class ColumnFinder
{
    private const int NamesShown = 20;

    public static SchemaNode Find(ParquetFile file, string path)
    {
        try
        {
            return file.Schema.Find(path) ?? throw Missing(file, $"there is no column {path}");
        }
        catch (ParquetException e)
        {
            throw e.Within(file.Path);
        }
    }

    /// <summary>The leaf of a column that holds one scalar per row.</summary>
    public static SchemaLeaf FindScalar(ParquetFile file, string path)
    {
        var leaf = Find(file, path).SingleLeaf;
        if (leaf is not { MaxRepetitionLevel: 0 })
            throw new ParquetException("the column is a list or a group, where one value per row is needed", file.Path, column: path);
        return leaf;
    }

    public static ParquetException Missing(ParquetFile file, string what)
    {
        var names = file.Schema.Root.Children.Select(child => child.Name).ToArray();
        var shown = string.Join(", ", names.Take(NamesShown));
        var more = names.Length > NamesShown ? $" and {names.Length - NamesShown} more" : "";
        return new ParquetException($"{what}; the file's columns are {shown}{more}", file.Path);
    }
}
