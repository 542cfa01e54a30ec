namespace DistributedLoss.Remote.Reading;

/// <summary>
/// The blocks of a long column chunk that are held or on their way: around each place that it is read at, and ahead of it. Most chunks are read from front
/// to back; levels and split values are read at a few places at once, and then fewer blocks ahead of each find room.
/// </summary>
/// <param name="blockBytes">Of all blocks but the first few, which are smaller: the reader waits for the first alone.</param>
/// <param name="share">Most bytes held and under way.</param>
internal sealed class BlockWindow(RemoteFile file, long start, long end, int blockBytes, long share) : IDisposable
{
    private const int FirstBytes = 256 << 10;

    // The latest to be read is the last.
    private readonly List<Block> _blocks = [];
    private readonly int _first = Math.Min(FirstBytes, blockBytes);
    private long _bytes;
    private int _depth = (int)Math.Min(int.MaxValue, share / blockBytes);

    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var block = Touch(offset);
            FetchAhead(block);
            int count = block.Read(offset, destination);
            destination = destination[count..];
            offset += count;
        }
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            block.Dispose();
        }

        _blocks.Clear();
    }

    private Block Touch(long offset)
    {
        int at = _blocks.FindIndex(b => offset >= b.Start && offset < b.End);
        if (at < 0)
        {
            var (from, length) = Cut(offset);
            MakeRoom(length, isWanted: true);
            return Fetch(from, length);
        }

        var block = _blocks[at];
        _blocks.RemoveAt(at);
        _blocks.Add(block);
        return block;
    }

    private void FetchAhead(Block current)
    {
        long next = current.End;
        for (int ahead = 0; ahead < _depth && next < end; ahead++)
        {
            var (from, length) = Cut(next);
            if (!_blocks.Exists(b => b.Start == from))
            {
                if (!MakeRoom(length, isWanted: false, current))
                {
                    return;
                }

                Fetch(from, length);
                // What is read now is the last to go.
                _blocks.Remove(current);
                _blocks.Add(current);
            }

            next = from + length;
        }
    }

    private Block Fetch(long from, int length)
    {
        var block = new Block(file, from, length, users: 1);
        _bytes += length;
        _blocks.Add(block);
        return block;
    }

    /// <summary>Blocks that were read go first. Ones that never were go only for one that is wanted now, and then fewer are fetched ahead from now on.</summary>
    private bool MakeRoom(int length, bool isWanted, Block? current = null)
    {
        if (!isWanted && !file.HasRoom(length))
        {
            return false;
        }

        while (_bytes + length > share && _blocks.Count > 0)
        {
            int victim = _blocks.FindIndex(b => b != current && b.BytesRead >= b.Length);
            if (victim < 0)
            {
                if (!isWanted)
                {
                    return false;
                }

                victim = Math.Max(0, _blocks.FindIndex(b => b.BytesRead == 0));
                _depth = Math.Max(1, _depth / 2);
            }

            _bytes -= _blocks[victim].Length;
            _blocks[victim].Dispose();
            _blocks.RemoveAt(victim);
        }

        return true;
    }

    /// <summary>The block around a byte: blocks double from the first on, up to their full size.</summary>
    private (long From, int Length) Cut(long offset)
    {
        long from = start;
        long length = _first;
        while (from + length <= offset)
        {
            from += length;
            if (length < blockBytes)
            {
                length = Math.Min(blockBytes, 2 * length);
                continue;
            }

            from += (offset - from) / blockBytes * blockBytes;
            length = blockBytes;
            break;
        }

        return (from, (int)Math.Min(length, end - from));
    }
}
