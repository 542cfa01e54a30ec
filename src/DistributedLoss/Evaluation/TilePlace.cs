using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Where a tile's first row stands, for messages and row ids.</summary>
/// <param name="FirstRow">0-based within the file.</param>
internal readonly record struct TilePlace(string Path, Shard Shard, long FirstRow);
