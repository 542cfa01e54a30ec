using DistributedLoss.Parquet;

namespace DistributedLoss.Remote.Storage;

/// <summary><c>s3://bucket/key</c>. Everything behind the bucket is the key, as it is: nothing in it is escaped.</summary>
internal readonly record struct S3Path(string Bucket, string Key)
{
    private const string Scheme = "s3://";

    private static readonly char[] GlobCharacters = ['*', '?'];

    public bool IsPattern => Key.IndexOfAny(GlobCharacters) >= 0;

    public bool IsFolder => Key.Length == 0 || Key.EndsWith('/');

    /// <summary>What every key that can match begins with.</summary>
    public string Prefix => IsPattern ? Key[..Key.IndexOfAny(GlobCharacters)] : Key;

    /// <exception cref="ParquetException">There is no bucket.</exception>
    public static S3Path Parse(string path)
    {
        int slash = path.IndexOf('/', Scheme.Length);
        string bucket = slash < 0 ? path[Scheme.Length..] : path[Scheme.Length..slash];
        return bucket.Length > 0 && bucket.IndexOfAny(['*', '?', '@', ':', '%', ' ']) < 0
            ? new S3Path(bucket, slash < 0 ? "" : path[(slash + 1)..])
            : throw new ParquetException("no name of a bucket; write s3://bucket/key, s3://bucket/folder/ or a pattern behind s3://bucket/", path);
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}
