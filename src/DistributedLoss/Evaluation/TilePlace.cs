using DistributedLoss.Parquet;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Where a tile's first row stands, for messages and row ids.</summary>
/// <param name="FirstRow">0-based within the file.</param>
internal readonly record struct TilePlace(string Path, Shard Shard, long FirstRow)
{
    /// <summary>The fault of a column that has fewer rows than the logits.</summary>
    public ParquetException EndsBeforeLogits(string? column) =>
        new("the column has fewer rows than the logits; write the file again", Path, Shard.RowGroup, column);
}
