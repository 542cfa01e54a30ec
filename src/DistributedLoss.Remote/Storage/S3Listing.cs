using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;
using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Storage;

/// <summary>Which objects a folder or a pattern means: as on a disk, names that begin with <c>_</c> or <c>.</c> are passed over behind the part that is written out.</summary>
internal static class S3Listing
{
    /// <summary>Keys that are looked at: more are a mistake, or a store that never ends.</summary>
    private const int MostKeys = 1_000_000;

    public static async Task<IReadOnlyList<string>> ReadAsync(AmazonS3Client client, S3Path path, CancellationToken cancel)
    {
        var found = new List<string>();
        var matches = Matcher(path);
        var request = new ListObjectsV2Request { BucketName = path.Bucket, Prefix = path.Prefix };
        int looked = 0;
        do
        {
            var page = await client.ListObjectsV2Async(request, cancel);
            foreach (var item in page.S3Objects ?? [])
            {
                if (matches(item.Key))
                {
                    found.Add((path with { Key = item.Key }).ToString());
                }
            }

            looked += page.S3Objects?.Count ?? 0;
            if (looked > MostKeys || (page.IsTruncated == true && (page.NextContinuationToken is null || page.NextContinuationToken == request.ContinuationToken)))
            {
                throw new ParquetException(
                    looked > MostKeys ? $"more than {MostKeys:N0} keys begin like that; name a folder, or a longer beginning" : "the store's list does not go on, and does not end either; name each object",
                    path.ToString());
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);

        return found;
    }

    /// <param name="path">A folder or a pattern.</param>
    internal static Predicate<string> Matcher(S3Path path)
    {
        string pattern = path.IsPattern ? path.Key : path.Key + "**/*.parquet";
        int fixedPart = pattern.LastIndexOf('/', pattern.IndexOfAny(['*', '?'])) + 1;
        // Unlike folders on a disk, those in a key may have no name.
        string regex = Regex.Escape(pattern).Replace(@"\*\*/", "(?:[^/]*/)*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        // A match takes time that grows with the key's length alone, whatever the pattern.
        var matches = new Regex($"^{regex}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
        return key => matches.IsMatch(key) && !key.EndsWith('/') && !key[Math.Min(fixedPart, key.Length)..].Split('/').Any(name => name.StartsWith('_') || name.StartsWith('.'));
    }
}
