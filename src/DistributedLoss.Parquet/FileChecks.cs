using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet;

/// <summary>What must hold between a footer's numbers before any of them is used.</summary>
internal static class FileChecks
{
    /// <exception cref="ParquetException">The footer contradicts itself, the schema or the file's size.</exception>
    public static void Check(FileMetadata metadata, Schema schema, long footerOffset)
    {
        long rows = 0;
        for (int r = 0; r < metadata.RowGroups.Count; r++)
        {
            RowGroupMetadata rowGroup = metadata.RowGroups[r];
            if (rowGroup.NumRows < 0 || rowGroup.NumRows > long.MaxValue - rows)
            {
                throw new ParquetException($"the row group says {rowGroup.NumRows} rows; the file is damaged", rowGroup: r);
            }
            rows += rowGroup.NumRows;
            if (rowGroup.Columns.Count != schema.Leaves.Count)
            {
                throw new ParquetException(
                    $"the row group has {rowGroup.Columns.Count} columns, the schema {schema.Leaves.Count}; the file is damaged", rowGroup: r);
            }
            for (int c = 0; c < rowGroup.Columns.Count; c++)
            {
                Check(rowGroup.Columns[c], schema.Leaves[c], r, footerOffset);
            }
        }
        if (rows != metadata.NumRows)
        {
            throw new ParquetException(
                $"the footer says {metadata.NumRows} rows, its row groups have {rows}; the file is damaged", offset: footerOffset);
        }
    }

    private static void Check(ColumnChunkMetadata chunk, SchemaLeaf leaf, int rowGroup, long footerOffset)
    {
        // What they say of pages is about another file, or nothing that can be read without keys.
        if (chunk.IsEncrypted || chunk.FilePath is not null)
        {
            return;
        }
        if (chunk.Type != leaf.Type)
        {
            throw new ParquetException(
                $"the column chunk holds {chunk.Type}, the schema says {leaf.Type}; the file is damaged", rowGroup: rowGroup, column: leaf.Path);
        }
        if (chunk.NumValues < 0)
        {
            throw new ParquetException($"the column chunk says {chunk.NumValues} values; the file is damaged", rowGroup: rowGroup, column: leaf.Path);
        }
        if (chunk.StartOffset < 0 || chunk.TotalCompressedSize < 0 || chunk.TotalCompressedSize > footerOffset
            || chunk.StartOffset > footerOffset - chunk.TotalCompressedSize)
        {
            throw new ParquetException(
                $"the column chunk says {chunk.TotalCompressedSize} bytes, past the pages' end at {footerOffset}; the file is cut short or damaged",
                rowGroup: rowGroup, column: leaf.Path, offset: chunk.StartOffset);
        }
    }
}
