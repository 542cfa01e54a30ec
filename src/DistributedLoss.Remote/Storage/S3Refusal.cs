using System.Net;
using System.Text.RegularExpressions;

namespace DistributedLoss.Remote.Storage;

/// <summary>What a store's error codes mean for a reader (Amazon S3 API reference, "Error responses").</summary>
internal static partial class S3Refusal
{
    /// <param name="code">As the store says; null where it says nothing.</param>
    /// <param name="region">The bucket's, where the store tells.</param>
    public static string Explain(HttpStatusCode status, string? code, string? region, S3Path path, bool anonymous)
    {
        string said = $"HTTP {(int)status}{(code is null ? "" : $" {Word(code)}")}";
        return code switch
        {
            "NoSuchBucket" => $"no such bucket ({said}); check its name, and AWS_ENDPOINT_URL",
            "NoSuchKey" => $"no such object ({said}); check the key: case counts, and nothing in it is escaped",
            "InvalidAccessKeyId" => $"the store does not know the access key ({said}); check AWS_ACCESS_KEY_ID",
            "SignatureDoesNotMatch" => $"the store does not accept the signature ({said}); check AWS_SECRET_ACCESS_KEY",
            "ExpiredToken" or "TokenRefreshRequired" or "InvalidToken" => $"the session token does not hold any more ({said}); renew AWS_SESSION_TOKEN and its keys",
            "RequestTimeTooSkewed" => $"this machine's clock is wrong ({said}); set it",
            "AuthorizationQueryParametersError" or "AuthorizationHeaderMalformed" or "PermanentRedirect" or "TemporaryRedirect" or "IllegalLocationConstraintException" =>
                $"the bucket is in {(region is null ? "another region" : $"region {Word(region)}")} ({said}); give it as AWS_REGION",
            _ when status is HttpStatusCode.Moved or HttpStatusCode.TemporaryRedirect =>
                $"the bucket is in {(region is null ? "another region" : $"region {Word(region)}")} ({said}); give it as AWS_REGION",
            _ when status == HttpStatusCode.NotFound => $"no such {(path.IsFolder ? "bucket" : "object")} ({said}); check the name",
            _ when status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => anonymous
                ? $"may not be read without credentials ({said}); give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
                : $"these credentials may not read it ({said}); check the key's policy, and s3:ListBucket for folders and patterns",
            _ => $"the store refuses ({said}); check path, region and endpoint",
        };
    }

    /// <summary>The code in an error document; null where there is none. Nothing else in it is believed, or shown.</summary>
    public static string? Code(string body) => ErrorCode().Match(body) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("<Code>([A-Za-z0-9.]{1,64})</Code>")]
    private static partial Regex ErrorCode();

    private static string Word(string text) => new([.. text.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.').Take(64)]);
}
