using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Columns;

/// <summary>Finds the length of the first row (of sequences: the first position) that has values, without reading more than the pages it takes.</summary>
internal static unsafe class FirstRow
{
    private const int MaxWindowBytes = 64 << 10;

    public static int? Length(LogitColumn column)
    {
        using var pages = new PageReader(column.File, column.FirstLeaf, Math.Min(MaxWindowBytes, column.File.Limits.WindowBytes));
        for (var rowGroup = 0; rowGroup < column.File.Metadata.RowGroups.Count; rowGroup++)
        {
            pages.Start(rowGroup);
            var length = column.IsInLists ? ListLength(pages, column.FirstLeaf) : BinaryLength(pages, column);
            if (length is long found)
                return found <= int.MaxValue ? (int)found : throw pages.Context.Error($"a row of {found} values");
        }
        return null;
    }

    private static long? ListLength(PageReader pages, SchemaLeaf leaf)
    {
        var entry = (uint)leaf.Lists[^1].EntryDefinitionLevel;
        var highest = (uint)leaf.MaxRepetitionLevel;
        long length = 0;
        while (pages.Next())
        {
            pages.OpenLevels(definitions: true);
            long left = pages.Header.NumValues;
            while (left > 0)
            {
                var more = pages.Repetitions.TakeEqual(highest, left);
                if (length > 0)
                {
                    length += more;
                    if (more < left)
                        return length;
                }
                left -= more;
                pages.Definitions.Skip(more);
                if (left == 0)
                    break;
                pages.Repetitions.TakeOne();
                length = pages.Definitions.TakeOne() >= entry ? 1 : 0;
                left--;
            }
        }
        return length > 0 ? length : null;
    }

    private static long? BinaryLength(PageReader pages, LogitColumn column)
    {
        var defined = (uint)column.FirstLeaf.MaxDefinitionLevel;
        while (pages.Next())
        {
            pages.Open(1);
            for (var left = pages.Header.NumValues; left > 0; left--)
            {
                if (defined > 0 && pages.Definitions.TakeOne() != defined)
                    continue;
                pages.Bytes.Take(out var bytes);
                if (bytes > 0)
                    return bytes / column.Format.Bytes();
            }
        }
        return null;
    }
}
