using System.Text;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Storage;

/// <summary>Signatures as a store verifies them: by other code than what signs.</summary>
public sealed class SignatureTests : IDisposable
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Amazon's own example of a signed URL ("Authenticating Requests: Using Query Parameters").</summary>
    [Fact]
    public void The_verifier_agrees_with_the_published_example()
    {
        const string target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        Assert.True(PresignedUrl.Holds(target, "examplebucket.s3.amazonaws.com", Secret));
        Assert.False(PresignedUrl.Holds(target, "examplebucket.s3.amazonaws.com", Secret + "x"));
        Assert.False(PresignedUrl.Holds(target.Replace("test", "best", StringComparison.Ordinal), "examplebucket.s3.amazonaws.com", Secret));
    }

    [Theory]
    [InlineData("dump.parquet", "/bucket/dump.parquet")]
    [InlineData("a b/é+x&y=1~(2)'!.parquet", null)]
    [InlineData("a/../b//./c.parquet", "/bucket/a/../b//./c.parquet")]
    public async Task Each_request_is_signed_for_its_key_and_for_a_quarter_of_an_hour(string key, string? path)
    {
        string file = SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 3000, Classes = 100, RowGroupRows = 1000 })[0];
        await using var store = Store(File.ReadAllBytes(file));
        var outcome = Dloss.Evaluate(Environment(store, Secret), $"s3://bucket/{key}");
        Assert.Equal(Dloss.Evaluate(file).Digest, outcome.Digest);
        Assert.True(store.Asked.Count > 3);
        Assert.All(store.Asked, q => Assert.InRange(PresignedUrl.Lifetime(q.Target), 890, 910));
        Assert.All(store.Asked, q => Assert.Contains("X-Amz-Security-Token=t0k3n", q.Target, StringComparison.Ordinal));
        Assert.All(store.Asked, q => Assert.Equal(path ?? q.Target.Split('?')[0], q.Target.Split('?')[0]));
    }

    [Fact]
    public async Task A_wrong_secret_is_told_and_not_shown()
    {
        await using var store = Store([]);
        var outcome = Dloss.Run(Environment(store, "wr0ng"), "evaluate", "s3://bucket/dump.parquet");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal(["dloss: error: s3://bucket/dump.parquet: the store does not accept the signature (HTTP 403 SignatureDoesNotMatch); check AWS_SECRET_ACCESS_KEY"], outcome.ErrorLines);
        Assert.Single(store.Asked);
    }

    [Theory]
    [InlineData("dump.parquet")]
    [InlineData("")]
    public async Task An_unknown_key_is_told_apart_from_a_wrong_secret(string key)
    {
        await using var store = new ScriptedServer(_ => Answer.Of(403, "<Error><Code>InvalidAccessKeyId</Code></Error>"u8.ToArray()));
        var outcome = Dloss.Run(Environment(store, Secret), "evaluate", $"s3://bucket/{key}");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal([$"dloss: error: s3://bucket/{key}: the store does not know the access key (HTTP 403 InvalidAccessKeyId); check AWS_ACCESS_KEY_ID"], outcome.ErrorLines);
    }

    [Fact]
    public async Task Without_credentials_nothing_is_signed()
    {
        string file = SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 100, Classes = 10 })[0];
        byte[] content = File.ReadAllBytes(file), list = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>run/a.parquet</Key><Size>1</Size></Contents></ListBucketResult>"u8.ToArray();
        await using var store = new ScriptedServer(q => q.Target.Contains("list-type", StringComparison.Ordinal) ? Answer.Of(200, list) : Answer.To(q, content));
        var environment = Environment(store, "");
        environment["AWS_ACCESS_KEY_ID"] = environment["AWS_SESSION_TOKEN"] = "";
        Assert.Equal(Dloss.Evaluate(file).Digest, Dloss.Evaluate(environment, "s3://bucket/run/").Digest);
        Assert.True(store.Asked.Count > 1);
        Assert.All(store.Asked, q => Assert.Null(q["authorization"]));
        Assert.All(store.Asked, q => Assert.DoesNotContain("X-Amz", q.Target, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_region_of_a_bucket_elsewhere_is_named()
    {
        await using var store = new ScriptedServer(_ => Answer.Of(301, "<Error><Code>PermanentRedirect</Code></Error>"u8.ToArray()).With("x-amz-bucket-region", "eu-central-1"));
        var outcome = Dloss.Run(Environment(store, Secret), "evaluate", "s3://bucket/dump.parquet");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal(["dloss: error: s3://bucket/dump.parquet: the bucket is in region eu-central-1 (HTTP 301 PermanentRedirect); give it as AWS_REGION"], outcome.ErrorLines);
    }

    private static ScriptedServer Store(byte[] file) => new(q => PresignedUrl.Holds(q.Target, q["host"]!, Secret)
        ? Answer.To(q, file)
        : Answer.Of(403, Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>")));

    private static Dictionary<string, string> Environment(ScriptedServer store, string secret) => new()
    {
        ["AWS_ENDPOINT_URL"] = $"http://127.0.0.1:{store.Port}",
        ["AWS_REGION"] = "eu-west-3",
        ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE",
        ["AWS_SECRET_ACCESS_KEY"] = secret,
        ["AWS_SESSION_TOKEN"] = "t0k3n",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent",
        ["AWS_CONFIG_FILE"] = "/nonexistent",
        ["no_proxy"] = "*",
        [RemoteSettings.TimeoutVariable] = "60",
    };
}
