using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Columns;

public sealed class NumberColumnTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("dloss-number-").FullName, "dump.parquet");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void Doubles_and_integers_read_as_numbers_from_any_row_on()
    {
        double?[] weights = [.. Enumerable.Range(0, 50).Select(r => r % 7 == 3 ? (double?)null : r % 5 == 0 ? double.NaN : r * 0.1)];
        Write(weights);
        using var file = ParquetFile.Open(_path);
        foreach (int start in new[] { 0, 1, 9, 49, 50 })
        {
            using var column = NumberColumnReader.Open(file, "weight", 0);
            column.Skip(start);
            double[] values = new double[60];
            bool[] isNull = new bool[60];
            Assert.Equal(50 - start, column.Read(values, isNull));
            Assert.Equal(weights[start..], values.Zip(isNull, (v, n) => n ? (double?)null : v).Take(50 - start));
            Assert.Equal(0, column.Read(values, isNull));
        }

        using var ids = NumberColumnReader.Open(file, "id", 0);
        double[] numbers = new double[50];
        Assert.Equal(50, ids.Read(numbers, new bool[50]));
        Assert.Equal(Enumerable.Range(0, 50).Select(r => (double)r), numbers);
    }

    [Theory]
    [InlineData("logits")]
    [InlineData("nowhere")]
    public void A_list_or_a_missing_column_is_refused(string column)
    {
        Write([1]);
        using var file = ParquetFile.Open(_path);
        Assert.Throws<ParquetException>(() => NumberColumnReader.Check(file, column));
    }

    private void Write(double?[] weights)
    {
        using var writer = new DumpWriter(_path, new DumpSchema(2) { WeightName = "weight" }, new WriterOptions { PageRows = 4 });
        foreach (double? weight in weights)
        {
            writer.Weight = weight;
            writer.AppendRow((ReadOnlySpan<double>)[1, 2], 0);
        }

        writer.Close();
    }
}
