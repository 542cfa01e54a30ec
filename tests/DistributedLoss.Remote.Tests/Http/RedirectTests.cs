using DistributedLoss.Parquet;
using DistributedLoss.Remote.Http;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Http;

/// <summary>A server may send us on: a few times, never to a less safe place, and without credentials to another host.</summary>
public class RedirectTests
{
    private static readonly byte[] File = AnswerTests.Content(300_000);

    private static readonly RemoteSettings Settings = new() { Timeout = TimeSpan.FromSeconds(20), Retries = 3 };

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task The_file_is_read_where_the_server_sends_us_and_credentials_stay_here(int status)
    {
        await using var other = new ScriptedServer(q => Answer.To(q, File));
        await using var server = new ScriptedServer(_ => Answer.Of(status).With("Location", other.Url("elsewhere?signature=s")));
        Assert.Equal(File[10..20], await AnswerTests.ReadAsync(server, 10, 10, Settings with { Authorization = $"127.0.0.1:{server.Port} Bearer t0k3n" }));
        Assert.All(server.Asked, q => Assert.Equal("Bearer t0k3n", q["authorization"]));
        Assert.Equal(2, other.Asked.Count);
        Assert.All(other.Asked, q => Assert.Null(q["authorization"]));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Where_a_redirection_has_run_out_the_first_server_is_asked_again()
    {
        int asked = 0;
        await using var other = new ScriptedServer(q => q.Number > 0 && q.Target.EndsWith('1') ? Answer.Of(403) : Answer.To(q, File));
        await using var server = new ScriptedServer(_ => Answer.Of(302).With("Location", other.Url($"file?{++asked}")));
        using var client = new RangeClient(Settings);
        var file = AnswerTests.Object(server, Settings);
        var (identity, _) = await client.ReadTailAsync(file, 100, default);
        byte[] bytes = new byte[10];
        await client.ReadAsync(file, identity, 0, bytes, default);
        Assert.Equal(File[..10], bytes);
        Assert.Equal(["/file?1", "/file?1", "/file?2"], other.Asked.Select(q => q.Target));
    }

    [Fact]
    public async Task A_circle_is_left()
    {
        ScriptedServer? self = null;
        await using var server = self = new ScriptedServer(_ => Answer.Of(302).With("Location", self!.Url("file")));
        var e = await Assert.ThrowsAsync<ParquetException>(() => AnswerTests.ReadAsync(server, 0, 10, Settings));
        Assert.Contains("more than 5 times", e.Message, StringComparison.Ordinal);
        Assert.Equal(6, server.Asked.Count);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("file:///etc/passwd")]
    public async Task Only_the_web_is_followed(string target)
    {
        await using var server = new ScriptedServer(_ => Answer.Of(302).With("Location", target));
        var e = await Assert.ThrowsAsync<ParquetException>(() => AnswerTests.ReadAsync(server, 0, 10, Settings));
        Assert.Contains("which is less safe", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("example.org Bearer")]
    [InlineData("example.org Bearer\r\nX: y z")]
    public void What_is_no_header_is_not_sent_nor_shown(string value)
    {
        var settings = Settings with { Authorization = value };
        if (value.Contains(' '))
        {
            var e = Assert.Throws<ParquetException>(() => new HttpObject("https://example.org/file", new Uri("https://example.org/file"), settings));
            Assert.DoesNotContain("X:", e.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Null(new HttpObject("https://example.org/file", new Uri("https://example.org/file"), settings).Authorization);
        }
    }

    [Fact]
    public void Credentials_of_one_host_are_not_sent_to_another() =>
        Assert.Null(new HttpObject("https://example.com/file", new Uri("https://example.com/file"), Settings with { Authorization = "example.org Bearer t0k3n" }).Authorization);

    [Fact]
    public void Credentials_are_not_sent_in_clear_text_to_other_machines()
    {
        var e = Assert.Throws<ParquetException>(() => new HttpObject("http://example.org/file", new Uri("http://example.org/file"), Settings with { Authorization = "example.org Bearer t0k3n" }));
        Assert.Equal("http://example.org/file: DLOSS_HTTP_AUTHORIZATION would be sent in clear text; use https://", e.Message);
    }
}
