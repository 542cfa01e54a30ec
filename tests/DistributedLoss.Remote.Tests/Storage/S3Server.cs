using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DistributedLoss.Remote.Tests.Storage;

/// <summary>A real S3-compatible server that verifies signatures, with buckets of its own for a class of tests, started by scripts/s3-server.</summary>
public sealed class S3Server : IAsyncLifetime, IDisposable
{
    public const string Bucket = "dumps";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];
    private Process? _process;
    private AmazonS3Client? _client;

    /// <summary>Why tests that need it do not run here; null where they do.</summary>
    public static string? Missing { get; } = Check();

    /// <summary>Of the user who may do everything.</summary>
    public string Key => _variables["AWS_ACCESS_KEY_ID"];

    public string Secret => _variables["AWS_SECRET_ACCESS_KEY"];

    /// <summary>Of a process that reads from it.</summary>
    public Dictionary<string, string> Environment() => new(_variables)
    {
        // Goes before the one for all of Amazon's services.
        ["AWS_ENDPOINT_URL_S3"] = _variables["AWS_ENDPOINT_URL"],
        ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1",
        ["AWS_SESSION_TOKEN"] = "",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent",
        ["AWS_CONFIG_FILE"] = "/nonexistent",
        ["no_proxy"] = "*",
        [RemoteSettings.TimeoutVariable] = "60",
    };

    public Dictionary<string, string> Environment(string variable, string value) => new(Environment()) { [variable] = value };

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        _process = Start(_folder.Root);
        using var deadline = new CancellationTokenSource(Deadline);
        // It says nothing more behind that.
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line && line != "ready")
        {
            string[] variable = line.Split('=', 2);
            _variables[variable[0]] = variable[1];
        }

        if (_variables.Count == 0)
        {
            throw new InvalidOperationException($"scripts/s3-server did not start: {await _process.StandardError.ReadToEndAsync(deadline.Token)}");
        }

        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        var config = new AmazonS3Config { ServiceURL = _variables["AWS_ENDPOINT_URL"], ForcePathStyle = true, AuthenticationRegion = _variables["AWS_REGION"], Timeout = Deadline };
        _client = new AmazonS3Client(new BasicAWSCredentials(Key, Secret), config);
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

    private static Process Start(string argument) =>
        Process.Start(new ProcessStartInfo(Repository.File("scripts/s3-server"), [argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static string? Check()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            return "there is no /usr/bin/python3";
        }

        using var process = Start("check");
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : said.Trim();
    }
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
