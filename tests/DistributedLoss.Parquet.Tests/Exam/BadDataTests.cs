using System.Diagnostics;
using DistributedLoss.Parquet.Columns;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Exam;

public class BadDataTests(ITestOutputHelper output)
{
    /// <summary>
    /// Dictionary indices of zero bits, which crashed a reader in Go. They are legal for a dictionary of one entry, here 0;
    /// DuckDB finds 21,186 zeros too.
    /// </summary>
    private const string ReadableAfterAll = "ARROW-GH-43605.parquet";

    [Fact]
    public async Task Every_file_of_bad_data_is_refused_with_its_name_and_within_a_deadline()
    {
        foreach (var path in TestFiles.Reference("bad_data", output))
        {
            if (Path.GetFileName(path) == ReadableAfterAll)
            {
                Assert.Equal((21186, 21186), (ReferenceDataTests.Digests(path)["min_fl"].Entries, Zeros(path)));
                continue;
            }
            var clock = Stopwatch.StartNew();
            var reading = Task.Run(() => ReferenceDataTests.Digests(path));
            var refusal = await Assert.ThrowsAsync<ParquetException>(() => reading.WaitAsync(TimeSpan.FromMinutes(2)));
            Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
            output.WriteLine($"{clock.ElapsedMilliseconds} ms: {refusal.Message}");
        }
    }

    private static long Zeros(string path)
    {
        using var file = ParquetFile.Open(path);
        using var reader = IntegerColumnReader.Open(file, "min_fl", 0);
        var values = new long[30_000];
        var isNull = new bool[values.Length];
        return values.AsSpan(0, reader.Read(values, isNull)).Count(0L) - isNull.Count(true);
    }
}
