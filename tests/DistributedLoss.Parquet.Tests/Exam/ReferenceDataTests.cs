using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Tests.Columns;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Exam;

/// <summary>
/// Every column of every file of parquet-testing/data, entry by entry: repetition level, definition level and stored bytes must be those that
/// another reader finds (expected.tsv, made by expected.mjs with hyparquet).
/// </summary>
public class ReferenceDataTests(ITestOutputHelper output)
{
    /// <summary>Files that must be refused, or that hyparquet cannot read, and what we make of them instead.</summary>
    private static readonly Dictionary<string, string> RefusedWith = new()
    {
        ["datapage_v1-corrupt-checksum.parquet"] = "checksum",
        ["rle-dict-uncompressed-corrupt-checksum.parquet"] = "checksum",
        // Its footer says 0 rows, its row group 6: a contract of ours forbids that.
        ["repeated_no_annotation.parquet"] = "the footer says 0 rows",
        // One page of more than 1 GiB, the reader's default limit.
        ["large_string_map.brotli.parquet"] = "limit",
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_column_of_the_reference_files_has_the_entries_that_another_reader_finds(bool inPieces)
    {
        var limits = inPieces ? DumpReadingTests.Limits(100) : ReaderLimits.Default;
        var expected = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Exam", "expected.tsv"))
            .Select(line => line.Split('\t')).GroupBy(fields => fields[0]).ToDictionary(g => g.Key, g => g.ToArray());
        var wrong = new List<string>();
        var columns = 0;
        foreach (var path in TestFiles.Reference("data", output))
        {
            var name = Path.GetFileName(path);
            if (RefusedWith.TryGetValue(name, out var reason))
            {
                var refusal = Assert.Throws<ParquetException>(() => Digests(path, limits));
                Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
                Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
                continue;
            }
            var found = Digests(path, limits);
            columns += found.Count;
            foreach (var fields in expected[name].Where(fields => fields[1] != "-"))
            {
                var (entries, values, digest) = found[fields[1]];
                var actual = string.Create(CultureInfo.InvariantCulture, $"{entries}\t{values}\t{digest}");
                if (actual != string.Join('\t', fields[2..]))
                    wrong.Add($"{name} {fields[1]}: {actual}, not {string.Join(' ', fields[2..])}");
            }
        }
        Assert.Empty(wrong);
        output.WriteLine($"{columns} columns read");
    }

    [Fact]
    public void A_page_whose_values_are_all_null_needs_no_compressed_bytes()
    {
        // hyparquet stumbles over this file; its README says: one row, one null.
        if (TestFiles.ReferenceRoot is null)
            return;
        var found = Digests(Path.Combine(TestFiles.ReferenceRoot, "data", "datapage_v2_empty_datapage.snappy.parquet"));
        Assert.Equal((1L, 0L), (found["value"].Entries, found["value"].Values));
    }

    internal static Dictionary<string, (long Entries, long Values, string Digest)> Digests(string path, ReaderLimits? limits = null)
    {
        using var file = ParquetFile.Open(path, limits);
        return file.Schema.Leaves.ToDictionary(leaf => leaf.Path, leaf => Digest(file, leaf));
    }

    private static (long Entries, long Values, string Digest) Digest(ParquetFile file, SchemaLeaf leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (entries, values) = (0L, 0L);
        var text = new StringBuilder();
        for (var rowGroup = 0; rowGroup < file.Metadata.RowGroups.Count; rowGroup++)
        {
            using var reader = ScalarColumnReader.Open(file, leaf, rowGroup);
            while (reader.TryRead(1000, out var batch))
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    var repetition = batch.RepetitionLevels.IsEmpty ? 0 : batch.RepetitionLevels[i];
                    var definition = batch.DefinitionLevels.IsEmpty ? 0 : batch.DefinitionLevels[i];
                    text.Clear().Append(repetition).Append(':').Append(definition).Append(':');
                    text.Append(batch.IsNull[i] ? "" : Stored(batch, i)).Append('\n');
                    hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
                    values += batch.IsNull[i] ? 0 : 1;
                }
                entries += batch.Count;
            }
        }
        return (entries, values, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // As in expected.mjs: every NaN alike, and of an INT96 the low half.
    private static string Stored(in ScalarBatch batch, int entry) => batch.Type switch
    {
        PhysicalType.Float or PhysicalType.Double when double.IsNaN(batch.Double(entry)) => "nan",
        PhysicalType.Int96 => Convert.ToHexStringLower(batch.Bytes(entry)[..8]),
        _ => Convert.ToHexStringLower(batch.Bytes(entry)),
    };
}
