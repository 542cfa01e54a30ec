using System.Diagnostics;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DistributedLoss.Remote.Tests.Storage;

/// <summary>A real S3-compatible server with buckets of its own for a class of tests, started by scripts/s3-server.</summary>
public sealed partial class S3Server : IAsyncLifetime, IDisposable
{
    /// <summary>What s3rver takes.</summary>
    public const string Key = "S3RVER";

    public const string Bucket = "dumps";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private Process? _process;
    private AmazonS3Client? _client;

    /// <summary>Why tests that need it do not run here; null where they do.</summary>
    public static string? Missing { get; } = File.Exists(Path.Combine(Cache(), "installed")) ? null : "s3rver is not installed: scripts/s3-server install";

    public string Endpoint { get; private set; } = "";

    /// <summary>Of a process that reads from it.</summary>
    public Dictionary<string, string> Environment(string? key = Key, string? secret = Key) => new()
    {
        ["AWS_ENDPOINT_URL_S3"] = Endpoint,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = key ?? "",
        ["AWS_SECRET_ACCESS_KEY"] = secret ?? "",
        ["AWS_SESSION_TOKEN"] = "",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent",
        ["AWS_CONFIG_FILE"] = "/nonexistent",
        ["no_proxy"] = "*",
    };

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        var start = new ProcessStartInfo(Repository.File("scripts/s3-server"), ["run", _folder.Root]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) =>
        {
            if (Listening().Match(line.Data ?? "") is { Success: true } match)
            {
                listening.TrySetResult(match.Groups[1].Value);
            }
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Endpoint = $"http://127.0.0.1:{await listening.Task.WaitAsync(Deadline)}";
        _client = new AmazonS3Client(new BasicAWSCredentials(Key, Key), new AmazonS3Config { ServiceURL = Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await _client.PutBucketAsync(Bucket);
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _process?.Dispose();
        _folder.Dispose();
    }

    public Task PutAsync(string key, byte[] content) => _client!.PutObjectAsync(new PutObjectRequest
    {
        BucketName = Bucket,
        Key = key,
        InputStream = new MemoryStream(content),
        UseChunkEncoding = false,
    });

    private static string Cache() =>
        System.Environment.GetEnvironmentVariable("DLOSS_S3_CACHE")
        ?? Path.Combine(
            System.Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".cache"), "dloss-s3");

    [GeneratedRegex("listening on .*:([0-9]+)")]
    private static partial Regex Listening();
}

/// <summary>A test that needs a real S3-compatible server.</summary>
public sealed class S3FactAttribute : FactAttribute
{
    public S3FactAttribute() => Skip = S3Server.Missing;
}

/// <summary>Tests that need a real S3-compatible server.</summary>
public sealed class S3TheoryAttribute : TheoryAttribute
{
    public S3TheoryAttribute() => Skip = S3Server.Missing;
}
