using DistributedLoss.Parquet.Sources;

namespace DistributedLoss.Remote.Reading;

/// <summary>A column chunk that is being read: in blocks of its own, or in one that it shares with its neighbours.</summary>
internal sealed class RemoteRange(RemoteFile file, long start, long end) : IByteRange
{
    public long Start => start;

    public long End => end;

    public BlockWindow? Blocks { get; set; }

    public Block? Shared { get; set; }

    public bool Covers(long offset, int bytes) => offset >= start && offset <= end - bytes;

    public void Read(long offset, Span<byte> destination)
    {
        if (Blocks is null && Shared is null)
        {
            file.Plan();
        }

        if (Shared is { } block)
        {
            block.Read(offset, destination);
        }
        else
        {
            Blocks!.Read(offset, destination);
        }
    }

    public void Dispose()
    {
        file.Forget(this);
        Shared?.Dispose();
        Blocks?.Dispose();
        (Shared, Blocks) = (null, null);
    }
}
