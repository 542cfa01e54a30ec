using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Remote.Http;

namespace DistributedLoss.Remote.Storage;

/// <summary>
/// S3, or a store that speaks its protocol. Amazon's SDK finds credentials and endpoint, signs, and lists; the bytes themselves come over signed URLs
/// through <see cref="RangeClient"/>, so that they are checked as those of any server are.
/// </summary>
internal sealed class S3Store : IDisposable
{
    private const string PathStyleVariable = "DLOSS_S3_PATH_STYLE";

    /// <summary>A signature outlives the slowest request, and is of no use to anybody soon afterwards.</summary>
    private static readonly TimeSpan SignatureLifetime = TimeSpan.FromMinutes(15);

    // The SDK also tries again with what no retry mends, such as a wrong secret.
    private const int MostListRetries = 3;

    private readonly AmazonS3Client _client;
    private readonly Protocol _protocol;

    /// <param name="variable">The environment.</param>
    /// <exception cref="ParquetException">A variable has a value that it cannot have.</exception>
    public S3Store(Func<string, string?> variable)
    {
        var endpoint = Endpoint(variable);
        var config = new AmazonS3Config
        {
            RegionEndpoint = S3Credentials.Region(variable),
            // Hosts named after buckets are known to few resolvers but Amazon's.
            ForcePathStyle = PathStyle(variable) ?? endpoint is not null,
            MaxErrorRetry = Math.Min(MostListRetries, RemoteSettings.Read(variable).Retries),
            RetryMode = RequestRetryMode.Standard,
            Timeout = TimeSpan.FromMinutes(1),
            HttpClientFactory = new BoundedHttpClientFactory(),
        };
        var credentials = S3Credentials.Find();
        IsAnonymous = credentials is null;
        _protocol = endpoint?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS;
        _client = new AmazonS3Client(credentials ?? new AnonymousAWSCredentials(), config);
        // For the addresses of objects alone: their signatures are cut off.
        Signer = credentials is null ? new AmazonS3Client(new BasicAWSCredentials("none", "none"), config) : _client;
    }

    public bool IsAnonymous { get; }

    private AmazonS3Client Signer { get; }

    public void Dispose()
    {
        Signer.Dispose();
        _client.Dispose();
    }

    /// <exception cref="ParquetException">No key.</exception>
    public RemoteObject Object(string path) => new S3Object(this, S3Path.Parse(path));

    /// <summary>The objects of a key, a folder or a pattern, under their full names.</summary>
    /// <exception cref="ParquetException">Nothing matches, or the store refuses.</exception>
    /// <exception cref="SourceUnavailableException">The store does not answer.</exception>
    public IReadOnlyList<string> Expand(string text, CancellationToken cancel)
    {
        var path = S3Path.Parse(text);
        if (!path.IsPattern && !path.IsFolder)
        {
            return [path.ToString()];
        }

        try
        {
            return S3Listing.ReadAsync(_client, path, cancel).GetAwaiter().GetResult() is { Count: > 0 } found ? found
                : throw new ParquetException(
                    path.IsPattern ? "the pattern matches no object; check it (quote it, if the shell should leave it alone)" : "no *.parquet object is there; check bucket and folder", path.ToString());
        }
        catch (AmazonServiceException e) when (e.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError or HttpStatusCode.Moved or HttpStatusCode.TemporaryRedirect)
        {
            throw new ParquetException(S3Refusal.Explain(e.StatusCode, e.ErrorCode, null, path, IsAnonymous), path.ToString(), inner: e);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException)
        {
            string reason = e is AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError and var status } ? $"HTTP {(int)status}"
                : (e.InnerException ?? e).Message.Split('\n')[0].TrimEnd().TrimEnd('.');
            throw new SourceUnavailableException($"the store does not list its objects ({reason}); try again later, or check AWS_ENDPOINT_URL and the network", e);
        }
    }

    /// <summary>Where an object can be asked for in the next minutes.</summary>
    /// <exception cref="AmazonClientException">Credentials have run out, and there are no others.</exception>
    public Uri Sign(S3Path path)
    {
        string url = Signer.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = path.Bucket,
            Key = path.Key,
            Verb = HttpVerb.GET,
            Protocol = _protocol,
            Expires = DateTime.UtcNow + SignatureLifetime,
        });
        // A key may hold "..", which is no way up.
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return new Uri(IsAnonymous ? url[..url.IndexOf('?', StringComparison.Ordinal)] : url, in asItIs);
    }

    private static Uri? Endpoint(Func<string, string?> variable) =>
        (S3Credentials.Given(variable("AWS_ENDPOINT_URL_S3")) ?? S3Credentials.Given(variable("AWS_ENDPOINT_URL"))) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 ? uri
        : throw new ParquetException("AWS_ENDPOINT_URL is no URL of a server; write it as https://host:port");

    private static bool? PathStyle(Func<string, string?> variable) => S3Credentials.Given(variable(PathStyleVariable)) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw new ParquetException($"{PathStyleVariable} is '{text}', not true or false"),
    };
}
