namespace DistributedLoss.Runs;

/// <summary>One Parquet file of the dataset, as it was when the run was planned.</summary>
/// <param name="Index">Position in ordinal path order.</param>
/// <param name="Path">The path as the user would write it; of a URL, without a query.</param>
/// <param name="Modified"><see cref="DateTimeOffset.MinValue"/> where a server does not say.</param>
/// <param name="FooterDigest">SHA-256 of the footer's bytes in lower-case hex.</param>
public sealed record InputFile(int Index, string Path, long Bytes, DateTimeOffset Modified, string FooterDigest, long Rows, int RowGroups)
{
    /// <summary>What a server calls this content (an HTTP entity tag); null for files on disks, and where it does not say.</summary>
    public string? Version { get; init; }

    /// <summary>Of all its bytes, in lower-case hex; null where nobody asked for it.</summary>
    public string? Sha256 { get; init; }
}
