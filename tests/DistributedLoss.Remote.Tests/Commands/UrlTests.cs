using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Commands;

/// <summary>URLs on the command line: what is read, what is refused, and what is never shown.</summary>
public sealed class UrlTests : IDisposable
{
    private const string Signature = "5ecret51gnature";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_behind_URLs_and_on_disks_are_one_dataset()
    {
        string[] files = SyntheticDump.Write(_folder.PathOf("dump"), new SyntheticOptions { Rows = 4000, Classes = 50, Files = 2 }).ToArray();
        await using var server = Server(files[1]);
        var outcome = Dloss.Evaluate(Environment(), files[0], server.Url("part-00001.parquet"));
        Assert.Equal(Dloss.Evaluate(files[0], files[1]).Digest, outcome.Digest);
    }

    [Fact]
    public async Task What_a_query_holds_is_asked_for_and_shown_nowhere()
    {
        string file = Written();
        await using var server = Server(file);
        string log = _folder.PathOf("log.json"), json = _folder.PathOf("result.json"), run = _folder.PathOf("run"), url = server.Url($"dump.parquet?X-Amz-Signature={Signature}&x=1");
        var outcome = Dloss.Run(Environment(), "evaluate", url, "--run-dir", run, "--log-file", log, "--log-format", "json", "--log-level", "verbose", "--output", json);
        Assert.True(outcome.ExitCode == 0, $"{outcome}");
        Assert.All(server.Asked, q => Assert.Equal($"/dump.parquet?X-Amz-Signature={Signature}&x=1", q.Target));
        string everything = outcome.Output + outcome.Error
            + string.Concat(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".parquet", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.Contains(server.Url("dump.parquet?..."), everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Signature, everything, StringComparison.Ordinal);

        var verified = Dloss.Run(Environment(), "verify", json);
        Assert.Equal([$"dloss: error: {server.Url("dump.parquet?...")}: the URL's query is a secret that is written down nowhere; name the file again, with its query"], verified.ErrorLines);
        Assert.Equal(3, verified.ExitCode);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(503)]
    public async Task Nor_is_it_in_an_error(int status)
    {
        await using var server = new ScriptedServer(_ => Answer.Of(status));
        var outcome = Dloss.Run(Environment(), "evaluate", server.Url($"dump.parquet?sig={Signature}"));
        Assert.True(outcome is { Output: "", ErrorLines: [var line] } && line.StartsWith($"dloss: error: {server.Url("dump.parquet?...")}: ", StringComparison.Ordinal), $"{outcome}");
        Assert.DoesNotContain(Signature, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(status == 503 ? 4 : 3, outcome.ExitCode);
    }

    [Theory]
    [InlineData("https://user:pa55word@example.org/x.parquet", "https://example.org/x.parquet: a user or a password in a URL would be seen by many; leave it out, and give DLOSS_HTTP_AUTHORIZATION")]
    [InlineData("https://example.org/x.parquet#frag", "https://example.org/x.parquet#frag: '#' begins a fragment, which no server is asked for; write %23 for a '#' in a name")]
    [InlineData("https://example.org/folder/", "https://example.org/folder/: a folder cannot be listed over HTTP; name each file")]
    [InlineData("https://example.org/*.parquet", "https://example.org/*.parquet: names cannot be listed over HTTP, so that no pattern can be matched; name each file, or write %2A for a '*' in a name")]
    [InlineData("https://", "https://: this is no URL; write it as https://host/path")]
    [InlineData("s3://", "s3://: no name of a bucket; write s3://bucket/key, s3://bucket/folder/ or a pattern behind s3://bucket/")]
    [InlineData("s3://*/x.parquet", "s3://*/x.parquet: no name of a bucket; write s3://bucket/key, s3://bucket/folder/ or a pattern behind s3://bucket/")]
    public void What_names_no_file_is_told_so(string url, string message)
    {
        var outcome = Dloss.Run(Environment(), "evaluate", url);
        Assert.Equal([$"dloss: error: {message}"], outcome.ErrorLines);
        Assert.Equal(3, outcome.ExitCode);
    }

    [Fact]
    public async Task Files_that_differ_in_their_queries_alone_are_refused()
    {
        await using var server = Server(Written());
        var outcome = Dloss.Run(Environment(), "evaluate", server.Url("download?file=1"), server.Url("download?file=2"));
        Assert.True(outcome.ExitCode == 3 && outcome.ErrorLines is [var line] && line.Contains("two URLs differ in their queries alone", StringComparison.Ordinal), $"{outcome}");
    }

    [Fact]
    public async Task A_certificate_of_nobodys_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = Written();
        byte[] content = File.ReadAllBytes(file);
        await using var server = new ScriptedServer(q => Answer.To(q, content), certificate);
        var refused = Dloss.Run(Environment(), "evaluate", server.Url("dump.parquet"));
        Assert.True(refused.ExitCode == 3 && refused.ErrorLines is [var line] && line.Contains("the server's certificate is not accepted", StringComparison.Ordinal), $"{refused}");
        Assert.Empty(server.Asked);

        var environment = Environment();
        environment["SSL_CERT_FILE"] = _folder.Write("ca.pem", System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        Assert.Equal(Dloss.Evaluate(file).Digest, Dloss.Evaluate(environment, server.Url("dump.parquet")).Digest);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_run_that_waits_for_a_server_can_be_cancelled(int answers)
    {
        byte[] content = File.ReadAllBytes(Written());
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(q =>
        {
            if (q.Number < answers)
            {
                return Answer.To(q, content);
            }

            stalled.TrySetResult();
            return Answer.To(q, content).Failing(Fault.Stall, 0);
        });
        var environment = Environment();
        environment[RemoteSettings.TimeoutVariable] = "3600";
        using var running = Dloss.Start(environment, "evaluate", server.Url("dump.parquet"));
        await stalled.Task.WaitAsync(TimeSpan.FromMinutes(5));
        using var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{running.Id}"]);
        Assert.Equal(130, running.Wait().ExitCode);
    }

    [Fact]
    public async Task A_file_that_is_replaced_in_mid_run_is_named()
    {
        byte[] content = File.ReadAllBytes(Written());
        await using var server = new ScriptedServer(q => q.Number > 6 && q["if-match"] is not null ? Answer.Of(412) : Answer.To(q, content));
        var outcome = Dloss.Run(Environment(), "evaluate", server.Url("dump.parquet"));
        Assert.True(
            outcome is { ExitCode: 3, Output: "", ErrorLines: [var line] } && line.StartsWith($"dloss: error: {server.Url("dump.parquet")}: ", StringComparison.Ordinal)
                && line.Contains("the file changed while it was read", StringComparison.Ordinal),
            $"{outcome}");
    }

    private static ScriptedServer Server(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        return new ScriptedServer(q => Answer.To(q, content));
    }

    private static Dictionary<string, string> Environment() => new() { ["no_proxy"] = "*", [RemoteSettings.TimeoutVariable] = "20", [RemoteSettings.RetriesVariable] = "2" };

    private string Written() => SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 6000, Classes = 100, RowGroupRows = 1000 })[0];
}
