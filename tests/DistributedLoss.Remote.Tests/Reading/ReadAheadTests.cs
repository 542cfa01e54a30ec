using DistributedLoss.Coordination;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Remote.Http;
using DistributedLoss.Remote.Reading;
using DistributedLoss.Remote.Tests.Http;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Reading;

/// <summary>What is fetched before it is asked for: no more than is useful, and than there is room for.</summary>
public sealed class ReadAheadTests : IDisposable
{
    private const int Budget = 1 << 20;

    private static readonly byte[] File = AnswerTests.Content(6_000_000);

    private static readonly RemoteSettings Small = new() { Timeout = TimeSpan.FromMinutes(2), BudgetBytes = Budget, Requests = 3 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Columns_that_nobody_reads_are_not_fetched()
    {
        // Three columns of 8 bytes a row; ids are not read.
        string file = SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 400_000, Classes = 2, Layout = LogitLayout.PackedFixed })[0];
        byte[] content = await System.IO.File.ReadAllBytesAsync(file);
        await using var server = new ScriptedServer(q => Answer.To(q, content));
        var outcome = await Task.Run(() => Dump.Run(server.Url("dump.parquet"), new() { Packed = Parquet.Columns.FloatFormat.Float32 }));
        Assert.IsType<RunOutcome.Completed>(outcome);
        long asked = server.Asked.Sum(q => q.Range(content.Length) is var (first, last) ? last - first + 1 : content.Length);
        Assert.InRange(asked, content.Length / 2, content.Length * 5 / 6);
    }

    [Fact]
    public async Task No_more_than_the_budget_is_held()
    {
        await using var server = new ScriptedServer(q => Answer.To(q, File));
        using var client = new RangeClient(Small);
        using var file = await OpenAsync(client, server);
        using (var range = file.OpenRange(0, 5_000_000)!)
        {
            byte[] one = new byte[1];
            await Task.Run(() => range.Read(0, one));
            Assert.Equal(File[0], one[0]);
        }

        Assert.InRange(server.Asked.Skip(1).Sum(q => q.Range(File.Length) is var (first, last) ? last - first + 1 : long.MaxValue), 1, Budget);
    }

    [Fact]
    public async Task Requests_are_under_way_together_as_many_as_may_be()
    {
        int inside = 0, most = 0;
        var together = new TaskCompletionSource();
        await using var server = new ScriptedServer(q =>
        {
            if (q.Number > 0)
            {
                int here = Interlocked.Increment(ref inside);
                most = Math.Max(most, here);
                if (most == Small.Requests)
                {
                    together.TrySetResult();
                }

                Assert.True(together.Task.Wait(TimeSpan.FromMinutes(2)), "the requests come one after the other");
                Interlocked.Decrement(ref inside);
            }

            return Answer.To(q, File);
        });
        using var client = new RangeClient(Small);
        using var file = await OpenAsync(client, server);
        using var range = file.OpenRange(0, 5_000_000)!;
        byte[] read = new byte[5_000_000];
        await Task.Run(() => ReadThrough(range, read));
        Assert.Equal(File[..5_000_000], read);
        Assert.Equal(Small.Requests, most);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Bytes_are_those_of_the_file_wherever_they_are_read(int seed)
    {
        await using var server = new ScriptedServer(q => Answer.To(q, File));
        using var client = new RangeClient(Small);
        using var file = await OpenAsync(client, server);
        // Chunks of all sizes, next to each other and apart, as many columns have them.
        var random = new Random(seed);
        var parts = new List<(IByteRange Range, long Start, long At, long End)>();
        for (long at = 4; at < 5_500_000;)
        {
            long end = Math.Min(5_500_000, at + random.Next(1, random.Next(3) == 0 ? 2_000_000 : 30_000));
            parts.Add((file.OpenRange(at, end - at)!, at, at, end));
            at = end + (random.Next(2) * random.Next(200_000));
        }

        await Task.Run(() =>
        {
            while (parts.Count > 0)
            {
                int i = random.Next(parts.Count);
                var (range, start, at, end) = parts[i];
                byte[] bytes = new byte[(int)Math.Min(end - at, random.Next(1, 100_000))];
                range.Read(at, bytes);
                Assert.Equal(File[(int)at..(int)(at + bytes.Length)], bytes);
                at += bytes.Length;
                // Now and then somebody looks back, or ahead.
                if (random.Next(10) == 0)
                {
                    long elsewhere = random.NextInt64(start, end);
                    range.Read(elsewhere, bytes.AsSpan(0, 1));
                    Assert.Equal(File[elsewhere], bytes[0]);
                }

                parts[i] = (range, start, at, end);
                if (at == end)
                {
                    range.Dispose();
                    parts.RemoveAt(i);
                }
            }
        });
    }

    private static void ReadThrough(IByteRange range, byte[] target)
    {
        for (int at = 0; at < target.Length; at += 100_000)
        {
            range.Read(at, target.AsSpan(at, Math.Min(100_000, target.Length - at)));
        }
    }

    private static Task<RemoteFile> OpenAsync(RangeClient client, ScriptedServer server) =>
        Task.Run(() => RemoteFile.Open(client, AnswerTests.Object(server, Small), readsAhead: true, null));
}
