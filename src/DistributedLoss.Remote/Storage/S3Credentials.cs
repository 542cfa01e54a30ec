using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Storage;

/// <summary>Who asks, and where: as the AWS command line finds it, in the environment, in profiles, or from the machine that this runs on.</summary>
internal static class S3Credentials
{
    /// <summary>Null where there are none: then requests are not signed, which public buckets allow.</summary>
    public static AWSCredentials? Find()
    {
        try
        {
            var found = DefaultAWSCredentialsIdentityResolver.GetCredentials();
            found.GetCredentials();
            return found;
        }
        catch (AmazonClientException)
        {
            return null;
        }
    }

    /// <exception cref="ParquetException">No region has that name.</exception>
    public static RegionEndpoint Region(Func<string, string?> variable)
    {
        string? name = Given(variable("AWS_REGION")) ?? Given(variable("AWS_DEFAULT_REGION"));
        if (name is null)
        {
            return FallbackRegionFactory.GetRegionEndpoint(false) ?? RegionEndpoint.USEast1;
        }

        // It becomes a part of a host's name.
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? RegionEndpoint.GetBySystemName(name)
            : throw new ParquetException($"AWS_REGION is '{name}', which is no region; give one such as eu-central-1");
    }

    public static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
