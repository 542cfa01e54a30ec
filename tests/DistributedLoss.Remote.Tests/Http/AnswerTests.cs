using System.Security.Cryptography;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Remote.Http;
using DistributedLoss.Remote.Reading;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Http;

/// <summary>What a server says is held against what it was asked, and against what it said first.</summary>
public class AnswerTests
{
    // More than the tail that comes with the first request.
    private static readonly byte[] File = Content(300_000);

    private static readonly RemoteSettings Patient = new() { Timeout = TimeSpan.FromSeconds(20), Retries = 3 };

    private static readonly RemoteSettings Quick = Patient with { Timeout = TimeSpan.FromSeconds(0.3) };

    [Fact]
    public async Task A_part_comes_as_it_is_in_the_file() => Assert.Equal(File[1000..2000], await ReadAsync(q => Answer.To(q, File), 1000, 1000));

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_server_that_fails_now_and_then_is_asked_again(int status) =>
        Assert.Equal(File[..5000], await ReadAsync(q => q.Number % 2 == 0 ? Answer.Of(status) : Answer.To(q, File), 0, 5000));

    [Fact]
    public async Task A_server_that_fails_for_good_is_named_with_its_last_answer()
    {
        int asked = 0;
        var e = await Assert.ThrowsAsync<SourceUnavailableException>(() => ReadAsync(_ => Answer.Of(++asked > 0 ? 503 : 200), 0, 10));
        Assert.Equal("the server failed 4 times, the last time with HTTP 503; try again later, or check the network", e.Message);
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_long_pause_is_not_asked_again()
    {
        var e = await Assert.ThrowsAsync<SourceUnavailableException>(() => ReadAsync(_ => Answer.Of(503).With("Retry-After", "3600"), 0, 10));
        Assert.Contains("HTTP 503, and asks to wait 3600 seconds", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.Drip)]
    internal async Task An_answer_that_breaks_is_no_loss(Fault fault) =>
        // On a busy machine a good answer may be late as often as it likes.
        Assert.Equal(
            File[100..60_100],
            await ReadAsync(q => q.Number == 1 ? Answer.To(q, File).Failing(fault, 20_000) : Answer.To(q, File), 100, 60_000, Quick with { Retries = 100 }));

    [Fact]
    public async Task An_answer_that_ends_early_is_taken_up_where_it_ended()
    {
        var ranges = new List<string?>();
        byte[] read = await ReadAsync(
            q =>
            {
                ranges.Add(q["range"]);
                return q.Number is > 0 and < 3 ? Answer.To(q, File).Failing(Fault.Cut, 20_000) : Answer.To(q, File);
            },
            100,
            60_000);
        Assert.Equal(File[100..60_100], read);
        Assert.Equal(["bytes=-131072", "bytes=100-60099", "bytes=20100-60099", "bytes=40100-60099"], ranges);
    }

    [Fact]
    public async Task Progress_however_often_it_breaks_is_no_failure()
    {
        byte[] read = await ReadAsync(q => q.Number > 0 ? Answer.To(q, File).Failing(Fault.Cut, 16 << 10) : Answer.To(q, File), 0, 160_000);
        Assert.Equal(File[..160_000], read);
    }

    [Fact]
    public async Task A_drip_is_no_progress()
    {
        var e = await Assert.ThrowsAsync<SourceUnavailableException>(
            () => ReadAsync(q => q.Number > 0 ? Answer.To(q, File).Failing(Fault.Drip, 10) : Answer.To(q, File), 0, 100_000, Quick));
        Assert.Contains("no answer, or next to nothing of one, within 0.3 seconds", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string?> Lies => new()
    {
        { "Content-Range", null },
        { "Content-Range", "bytes 1001-2000/300000" },
        { "Content-Range", "bytes 1000-1998/300000" },
        { "Content-Range", "bytes 1000-1999/*" },
        { "Content-Range", "rows 1000-1999/300000" },
        { "Content-Range", "nonsense" },
        { "Content-Length", "999" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_about_the_part_is_never_believed(string header, string? value)
    {
        Assert.Equal(File[1000..2000], await ReadAsync(q => q.Number == 1 ? Answer.To(q, File).With(header, value) : Answer.To(q, File), 1000, 1000));
        await Assert.ThrowsAsync<SourceUnavailableException>(() => ReadAsync(q => q.Number > 0 ? Answer.To(q, File).With(header, value) : Answer.To(q, File), 1000, 1000));
    }

    [Fact]
    public async Task An_answer_longer_than_it_says_is_never_believed()
    {
        byte[] chunked = [.. "400\r\n"u8, .. File[..1024], .. "\r\n0\r\n\r\n"u8];
        var e = await Assert.ThrowsAsync<SourceUnavailableException>(() => ReadAsync(
            q => q.Number == 0 ? Answer.To(q, File)
                : Answer.To(q, File).With("Content-Length", null).With("Transfer-Encoding", "chunked") with { Body = chunked },
            0,
            1000));
        Assert.Contains("an answer longer than it says", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ETag", "\"two\"", "another entity tag")]
    [InlineData("ETag", null, "another entity tag")]
    [InlineData("ETag", "W/\"one\"", "another entity tag")]
    [InlineData("Last-Modified", "Sat, 21 Nov 2026 10:00:01 GMT", "written 2026-11-21 10:00:00Z then, 2026-11-21 10:00:01Z now")]
    [InlineData("Content-Range", "bytes 1000-1999/300001", "300000 bytes then, 300001 now")]
    public async Task A_file_that_changes_while_it_is_read_is_refused(string header, string? value, string difference)
    {
        var e = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(q => q.Number > 0 ? Answer.To(q, File).With(header, value) : Answer.To(q, File), 1000, 1000));
        Assert.Contains($"the file changed while it was read: {difference}; run again when it is written", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(412)]
    [InlineData(416)]
    public async Task A_server_that_says_so_itself_is_believed(int status)
    {
        var e = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(q => q.Number > 0 ? Answer.Of(status) : Answer.To(q, File), 1000, 1000));
        Assert.Contains("the file changed while it was read", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"one\"", "if-match", "\"one\"")]
    [InlineData("W/\"one\"", "if-unmodified-since", "Sat, 21 Nov 2026 10:00:00 GMT")]
    [InlineData(null, "if-unmodified-since", "Sat, 21 Nov 2026 10:00:00 GMT")]
    public async Task Each_request_asks_for_the_content_that_the_first_answer_had(string? tag, string header, string value)
    {
        await using var server = new ScriptedServer(q => Answer.To(q, File).With("ETag", tag));
        await ReadAsync(server, 0, 10, Patient);
        var (first, second) = (server.Asked.First(), server.Asked.Last());
        Assert.Null(first[header]);
        Assert.Equal(value, second[header]);
        Assert.Equal("identity", second["accept-encoding"]);
    }

    [Fact]
    public async Task A_whole_file_in_place_of_a_part_is_refused_with_what_to_do()
    {
        var e = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(_ => Answer.Of(200, File), 0, 10));
        Assert.EndsWith("the server answers a request for a part with the whole file; download the file, or put it on a server that takes range requests", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(416)]
    [InlineData(501)]
    public async Task A_server_that_does_not_count_from_the_end_is_asked_from_the_front(int status) =>
        Assert.Equal(File[1000..2000], await ReadAsync(q => q["range"]!.StartsWith("bytes=-", StringComparison.Ordinal) ? Answer.Of(status, File) : Answer.To(q, File), 1000, 1000));

    [Fact]
    public async Task A_server_that_takes_the_last_bytes_for_the_first_is_asked_again()
    {
        // As s3rver, from npm, does.
        static Answer Script(Question q) => q["range"]!.StartsWith("bytes=-", StringComparison.Ordinal)
            ? Answer.Of(206, File.AsMemory(0, 131_073)).With("Content-Range", "bytes 0-131072/300000")
            : Answer.To(q, File);
        Assert.Equal(File[250_000..], await ReadAsync(Script, 250_000, 50_000));
    }

    [Fact]
    public async Task An_empty_file_has_no_bytes()
    {
        await using var server = new ScriptedServer(q => Answer.To(q, []));
        using var client = new RangeClient(Patient);
        using var file = RemoteFile.Open(client, Object(server, Patient), readsAhead: false, null);
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public async Task Encoded_bytes_are_refused()
    {
        var e = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(q => Answer.To(q, File).With("Content-Encoding", "gzip"), 0, 10));
        Assert.Contains("another encoding than it has", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "no such file (HTTP 404); check the URL")]
    [InlineData(403, "may not be read (HTTP 403); check DLOSS_HTTP_AUTHORIZATION, or whether a signed URL has expired")]
    [InlineData(401, "the server wants credentials (HTTP 401); give DLOSS_HTTP_AUTHORIZATION, as 'HOST Bearer TOKEN'")]
    [InlineData(405, "the server refuses (HTTP 405); check the URL")]
    public async Task A_refusal_is_not_asked_again(int status, string what)
    {
        await using var server = new ScriptedServer(_ => Answer.Of(status, "<p>secret\u001b[31m"u8.ToArray()));
        var e = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(server, 0, 10, Patient));
        Assert.Equal($"{server.Url("file")}: {what.Replace("HOST", $"127.0.0.1:{server.Port}", StringComparison.Ordinal)}", e.Message);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_no_answer()
    {
        var e = await Assert.ThrowsAsync<SourceUnavailableException>(() => ReadAsync(_ => Answer.Of(0), 0, 10));
        Assert.Contains("failed 4 times", e.Message, StringComparison.Ordinal);
    }

    internal static byte[] Content(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i += 32)
        {
            SHA256.HashData(BitConverter.GetBytes(i)).AsSpan(0, Math.Min(32, length - i)).CopyTo(bytes.AsSpan(i));
        }

        return bytes;
    }

    internal static HttpObject Object(ScriptedServer server, RemoteSettings settings) => new(server.Url("file"), new Uri(server.Url("file")), settings);

    internal static async Task<byte[]> ReadAsync(ScriptedServer server, long from, int count, RemoteSettings settings)
    {
        using var client = new RangeClient(settings);
        using var file = await Task.Run(() => RemoteFile.Open(client, Object(server, settings), readsAhead: false, null));
        byte[] bytes = new byte[count];
        await file.ReadAsync(from, bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(Func<Question, Answer> script, long from, int count, RemoteSettings? settings = null)
    {
        await using var server = new ScriptedServer(script);
        return await ReadAsync(server, from, count, settings ?? Patient);
    }
}
