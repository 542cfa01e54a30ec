using System.Collections.Concurrent;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests;

/// <summary>
/// Whatever a server does, short of sending other bytes under a right description: the digest is that of the file on a disk, or the run fails with one line
/// that names the URL.
/// </summary>
public sealed class FaultScheduleTests : IDisposable
{
    private const int Seeds = 90;

    private static readonly (SyntheticOptions Write, EvaluationOptions Read)[] Layouts =
    [
        (new() { Rows = 6000, Classes = 100, RowGroupRows = 2000 }, new()),
        (new() { Rows = 20_000, Classes = 10, RowGroupRows = 5000, Layout = LogitLayout.Flat, Codec = CompressionCodec.Zstd }, new() { LogitsPrefix = "logits_" }),
        (new() { Rows = 3000, Classes = 100, Layout = LogitLayout.PackedFixed, Codec = CompressionCodec.Gzip, PageVersion = 2 }, new() { Packed = Parquet.Columns.FloatFormat.Float32 }),
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_digest_is_that_of_the_local_file_or_the_run_fails_with_one_line()
    {
        var dumps = Layouts.Select((layout, i) =>
        {
            string path = SyntheticDump.Write(_folder.PathOf($"{i}.parquet"), layout.Write with { Seed = (ulong)i + 1 })[0];
            return (Bytes: File.ReadAllBytes(path), Digest: Dump.Digest(path, layout.Read), layout.Read);
        }).ToArray();
        Assert.All(dumps, d => Assert.True(d.Bytes.Length > 400_000, "all of the file comes with the first answer"));
        var ends = new ConcurrentBag<string>();
        Parallel.For(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            var (bytes, digest, options) = dumps[seed % dumps.Length];
            var schedule = new FaultSchedule(seed, bytes);
            var server = new ScriptedServer(schedule.Answer);
            try
            {
                string url = server.Url($"{seed}.parquet");
                string? failure = Failure(url, options, digest, seed);
                Assert.True(failure is null || (failure.StartsWith(url, StringComparison.Ordinal) && !failure.Contains('\n')), $"seed {seed}: {failure}");
                ends.Add(failure is null ? "evaluated" : "failed");
            }
            finally
            {
                server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        });
        // Neither half of the promise is empty.
        Assert.True(ends.Count(e => e == "evaluated") >= Seeds / 5 && ends.Count(e => e == "failed") >= Seeds / 10, string.Join(", ", ends.CountBy(e => e)));
    }

    private static string? Failure(string url, EvaluationOptions options, string digest, int seed)
    {
        try
        {
            switch (Dump.Run(url, options))
            {
                case RunOutcome.Completed(var result):
                    Assert.True(result.Digest == digest, $"seed {seed}: a wrong number");
                    return null;
                case RunOutcome.Failed(var message, _):
                    return message;
                default:
                    throw new InvalidOperationException($"seed {seed}: the run ended by itself");
            }
        }
        catch (ParquetException e)
        {
            return e.Message;
        }
    }
}
