using Amazon.Runtime;
using DistributedLoss.Parquet;
using DistributedLoss.Remote.Http;

namespace DistributedLoss.Remote.Storage;

/// <summary>An object of a store.</summary>
internal sealed class S3Object(S3Store store, S3Path key) : RemoteObject(key.ToString())
{
    // A redirected signature does not hold.
    public override bool FollowsRedirects => false;

    public override Uri Address()
    {
        try
        {
            return store.Sign(key);
        }
        catch (AmazonClientException e)
        {
            throw new ParquetException($"no credentials to sign with ({e.Message.Split('\n')[0].TrimEnd('.', ' ')}); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile", Path, inner: e);
        }
    }

    public override ParquetException Refusal(HttpResponseMessage response, string body)
    {
        string? region = response.Headers.TryGetValues("x-amz-bucket-region", out var regions) ? regions.First() : null;
        return Refused(response.StatusCode, S3Refusal.Explain(response.StatusCode, S3Refusal.Code(body), region, key, store.IsAnonymous));
    }
}
