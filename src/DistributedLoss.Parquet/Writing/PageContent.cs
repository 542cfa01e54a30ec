using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>A data page before it is compressed.</summary>
internal readonly ref struct PageContent
{
    /// <summary>Levels and values, nulls among them.</summary>
    public required int NumValues { get; init; }

    public required int NumNulls { get; init; }

    /// <summary>Rows that begin in the page.</summary>
    public required int NumRows { get; init; }

    public required ParquetEncoding Encoding { get; init; }

    /// <summary>Hybrid-encoded, without a length; empty where the column has no such levels.</summary>
    public ReadOnlySpan<byte> RepetitionLevels { get; init; }

    /// <summary>Hybrid-encoded, without a length; empty where the column has no such levels.</summary>
    public ReadOnlySpan<byte> DefinitionLevels { get; init; }

    public required ReadOnlySpan<byte> Values { get; init; }
}
