using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>Writes one row group of sequences of floats, nullable at every level, with pages that end wherever it is told to: what no library would write, but a reader may meet.</summary>
internal static class SequenceFile
{
    private static readonly SchemaElement[] Elements =
    [
        new("schema") { NumChildren = 1 },
        new("logits") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List },
        new("list") { Repetition = Repetition.Repeated, NumChildren = 1 },
        new("element") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List },
        new("list") { Repetition = Repetition.Repeated, NumChildren = 1 },
        new("element") { Repetition = Repetition.Optional, Type = PhysicalType.Float },
    ];

    /// <summary>A value, or what stands for a null or for an empty list.</summary>
    public readonly record struct Entry(uint Repetition, uint Definition, float? Value);

    /// <param name="rows">Rows of positions of values; each of them may be null.</param>
    public static List<Entry> EntriesOf(IEnumerable<float?[]?[]?> rows)
    {
        var entries = new List<Entry>();
        foreach (var row in rows)
        {
            if (row is not { Length: > 0 })
                entries.Add(new Entry(0, row is null ? 0u : 1, null));
            for (var p = 0; p < row?.Length; p++)
            {
                var begin = p == 0 ? 0u : 1;
                if (row[p] is not { Length: > 0 } position)
                    entries.Add(new Entry(begin, row[p] is null ? 2u : 3, null));
                else
                    entries.AddRange(position.Select((value, v) => new Entry(v == 0 ? begin : 2, value is null ? 4u : 5, value)));
            }
        }
        return entries;
    }

    /// <param name="pageEnds">How many entries lie before each page's end; the last is all of them.</param>
    public static void Write(string path, IReadOnlyList<Entry> entries, IEnumerable<int> pageEnds, WriterOptions options, bool hasIndex)
    {
        using var file = File.Create(path);
        var pages = new PageWriter(file, options);
        var footer = new FooterBuilder(pages);
        var chunk = new ChunkBuilder(Schema.Build(Elements).Leaves[0], options.Codec);
        footer.WriteMagic();
        var start = 0;
        foreach (var end in pageEnds)
        {
            var page = entries.Skip(start).Take(end - start).ToArray();
            var (repetitions, definitions) = (new HybridEncoder(2), new HybridEncoder(5));
            foreach (var entry in page)
            {
                repetitions.Append(entry.Repetition);
                definitions.Append(entry.Definition);
            }
            float[] values = [.. page.Where(entry => entry.Value is not null).Select(entry => entry.Value!.Value)];
            pages.WriteData(chunk, new PageContent
            {
                NumValues = page.Length,
                NumNulls = page.Length - values.Length,
                NumRows = page.Count(entry => entry.Repetition == 0),
                Encoding = ParquetEncoding.Plain,
                RepetitionLevels = repetitions.Finish(),
                DefinitionLevels = definitions.Finish(),
                Values = MemoryMarshal.AsBytes<float>(values),
            });
            start = end;
        }
        footer.Add(entries.Count(entry => entry.Repetition == 0), [chunk], _ => hasIndex);
        footer.Write(Elements);
    }
}
