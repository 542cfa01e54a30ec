using System.Runtime.InteropServices;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Tests.Writing;
using Parquet;

namespace DistributedLoss.ParquetNet.Tests;

/// <summary>The reader against files of Parquet.Net's writer; values follow from their places (<see cref="Dump.Logit"/>).</summary>
public sealed class ReadsParquetNetTests : IDisposable
{
    private const int Rows = 500;
    private const int GroupRows = 150;
    private const int Classes = 7;

    private static readonly double[][] Logits = [.. Enumerable.Range(0, Rows).Select(r => Enumerable.Range(0, Classes).Select(c => Dump.Logit(r, c)).ToArray())];
    private static readonly long[] Labels = [.. Enumerable.Range(0, Rows).Select(r => r * 31L % Classes)];

    private readonly TemporaryFile _file = new();

    /// <summary>LZO has no writer, in Parquet.Net neither.</summary>
    public static TheoryData<CompressionMethod> Codecs() => [.. Enum.GetValues<CompressionMethod>().Except([CompressionMethod.Lzo])];

    public void Dispose() => _file.Dispose();

    [Theory, MemberData(nameof(Codecs))]
    public async Task Lists_and_labels_of_each_codec(CompressionMethod codec)
    {
        await WriteAsync(new ParquetNetFile(codec).AddList("logits", Floats()).Add("label", Labels));
        CheckLogits(new LogitColumnSpec());
        CheckLabels(r => Labels[r]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lists_of_double_with_and_without_a_dictionary(bool dictionary)
    {
        await WriteAsync(new ParquetNetFile(options: new ParquetOptions { UseDictionaryEncoding = dictionary }).AddList("logits", Logits).Add("label", Labels));
        CheckLogits(new LogitColumnSpec());
    }

    [Fact]
    public async Task Repeated_fields_are_lists_of_two_levels()
    {
        await WriteAsync(new ParquetNetFile().AddRepeated("logits", Floats()).Add("label", Labels));
        CheckLogits(new LogitColumnSpec());
    }

    [Fact]
    public async Task Null_lists_empty_lists_null_elements_and_rows_of_another_length_are_told_apart()
    {
        float?[]?[] rows =
        [
            .. Logits.Select((row, r) => (r % 6) switch
            {
                1 => null,
                2 => [],
                3 => [.. row.Select((z, c) => c == r % Classes ? null : (float?)z)],
                4 => [.. row.Skip(2).Select(z => (float?)z)],
                _ => row.Select(z => (float?)z).ToArray(),
            }),
        ];
        await WriteAsync(new ParquetNetFile().AddList("logits", rows).Add("label", Labels));
        var read = Parquet.Tests.Columns.Rows.Read(_file.Path, new LogitColumnSpec(), Classes);
        Assert.Equal(Rows, read.Count);
        for (int r = 0; r < Rows; r++)
        {
            string expected = (r % 6) switch
            {
                1 or 3 => "NullLogits 0",
                2 => "WrongLength 0",
                4 => $"WrongLength {Classes - 2}",
                _ => string.Join(' ', Logits[r]),
            };
            Assert.Equal((r, expected), (r, read[r].ToString()));
        }
    }

    [Fact]
    public async Task Flat_columns()
    {
        var file = new ParquetNetFile();
        for (int c = 0; c < Classes; c++)
        {
            int at = c;
            file.Add($"logits_{c}", Logits.Select(row => (float)row[at]).ToArray());
        }

        await WriteAsync(file.Add("label", Labels));
        CheckLogits(new LogitColumnSpec { Prefix = "logits_" });
    }

    [Fact]
    public async Task Packed_bytes()
    {
        byte[][] rows = [.. Logits.Select(row => MemoryMarshal.AsBytes<double>(row).ToArray())];
        await WriteAsync(new ParquetNetFile(CompressionMethod.Zstd).Add("logits", rows).Add("label", Labels));
        CheckLogits(new LogitColumnSpec { Packed = FloatFormat.Float64 });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Labels_of_each_integer_type_delta_packed_or_plain(bool delta)
    {
        var options = new ParquetOptions { UseDeltaBinaryPackedEncoding = delta, UseDictionaryEncoding = false };
        await CheckAsync(Labels.Select(l => (sbyte)l).ToArray());
        await CheckAsync(Labels.Select(l => (byte)l).ToArray());
        await CheckAsync(Labels.Select(l => (short)l).ToArray());
        if (!delta)
        {
            // Parquet.Net 5.5 wraps the differences of ushort at 16 bits, where the format says 32: a label below the one before it is 65,536 too high in the file.
            await CheckAsync(Labels.Select(l => (ushort)l).ToArray());
        }

        await CheckAsync(Labels.Select(l => (int)l).ToArray());
        await CheckAsync(Labels.Select(l => (uint)l).ToArray());
        await CheckAsync(Labels);
        await CheckAsync(Labels.Select(l => (ulong)l).ToArray());

        async Task CheckAsync<T>(T[] labels)
        {
            await WriteAsync(new ParquetNetFile(options: options).Add("label", labels));
            CheckLabels(r => Labels[r]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nullable_labels(bool dictionary)
    {
        long?[] labels = [.. Labels.Select((l, r) => r % 11 == 4 ? (long?)null : l)];
        await WriteAsync(new ParquetNetFile(options: new ParquetOptions { UseDictionaryEncoding = dictionary }).Add("label", labels));
        CheckLabels(r => labels[r]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sample_weights_with_nulls(bool isDouble)
    {
        double?[] weights = [.. Enumerable.Range(0, Rows).Select(r => r % 5 == 2 ? (double?)null : r / 8.0)];
        var file = new ParquetNetFile();
        await WriteAsync(isDouble ? file.Add("weight", weights) : file.Add("weight", weights.Select(w => (float?)w).ToArray()));
        using var parquet = ParquetFile.Open(_file.Path);
        int row = 0;
        double[] values = new double[64];
        bool[] isNull = new bool[64];
        for (int g = 0; g < parquet.Metadata.RowGroups.Count; g++)
        {
            using var reader = NumberColumnReader.Open(parquet, "weight", g);
            while (reader.Read(values, isNull) is > 0 and var count)
            {
                for (int i = 0; i < count; i++, row++)
                {
                    Assert.Equal((row, weights[row]), (row, isNull[i] ? null : values[i]));
                }
            }
        }

        Assert.Equal(Rows, row);
    }

    private static float[][] Floats() => [.. Logits.Select(row => row.Select(z => (float)z).ToArray())];

    private async Task WriteAsync(ParquetNetFile file) => await file.WriteAsync(_file.Path, Rows, GroupRows);

    private void CheckLogits(LogitColumnSpec spec)
    {
        var read = Parquet.Tests.Columns.Rows.Read(_file.Path, spec, Classes);
        Assert.Equal(Rows, read.Count);
        for (int r = 0; r < Rows; r++)
        {
            Assert.Equal((r, string.Join(' ', Logits[r])), (r, read[r].ToString()));
        }
    }

    private void CheckLabels(Func<int, long?> expected)
    {
        using var file = ParquetFile.Open(_file.Path);
        Assert.Equal((Rows + GroupRows - 1) / GroupRows, file.Metadata.RowGroups.Count);
        int row = 0;
        long[] values = new long[64];
        bool[] isNull = new bool[64];
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            using var reader = IntegerColumnReader.Open(file, "label", g);
            while (reader.Read(values, isNull) is > 0 and var count)
            {
                for (int i = 0; i < count; i++, row++)
                {
                    Assert.Equal((row, expected(row)), (row, isNull[i] ? null : values[i]));
                }
            }
        }

        Assert.Equal(Rows, row);
    }
}
